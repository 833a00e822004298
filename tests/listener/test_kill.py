"""A listener that is killed repeatedly under load loses no acknowledged notification.

``GRAPHCALL_KILL_NOTIFICATIONS`` is the number of notifications, a few thousand by default.
"""

import os

import pytest

from .killing import find_losses, kill_under_load

pytestmark = pytest.mark.slow

NOTIFICATIONS = int(os.environ.get("GRAPHCALL_KILL_NOTIFICATIONS", "2000"))
KILLS = max(4, NOTIFICATIONS // 10_000)


async def run_and_find_losses(kind, journal, service, tmp_path):
    log = tmp_path / "acknowledged"
    sender = await kill_under_load(kind, journal, service, log, notifications=NOTIFICATIONS, kills=KILLS)
    assert sender.acknowledged == NOTIFICATIONS // 5 * 5
    return find_losses(journal, log)[:2]


@pytest.mark.parametrize("kind", ["thread", "isolated"])
async def test_killed_listener_loses_no_acknowledged_notification(kind, service, tmp_path):
    assert await run_and_find_losses(kind, str(tmp_path / "journal.sqlite"), service, tmp_path) == ([], [])


async def test_killed_listener_of_four_with_postgresql_loses_no_acknowledged_notification(
    service, postgres_url, tmp_path
):
    assert await run_and_find_losses("four", postgres_url, service, tmp_path) == ([], [])
