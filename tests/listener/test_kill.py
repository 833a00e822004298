"""A listener that is killed again and again under load loses nothing that it acknowledged.

``GRAPHCALL_KILL_NOTIFICATIONS`` says how many notifications are sent (a few thousand by default).
"""

import os

import pytest

from .killing import kill_under_load, losses

pytestmark = pytest.mark.slow

NOTIFICATIONS = int(os.environ.get("GRAPHCALL_KILL_NOTIFICATIONS", "2000"))
KILLS = max(4, NOTIFICATIONS // 10_000)


async def killed(kind, journal, service, tmp_path):
    log = tmp_path / "acknowledged"
    sender = await kill_under_load(kind, journal, service, log, notifications=NOTIFICATIONS, kills=KILLS)
    assert sender.acknowledged == NOTIFICATIONS // 5 * 5
    return losses(journal, log)[:2]


@pytest.mark.parametrize("kind", ["thread", "isolated"])
async def test_killed_listener_loses_nothing_that_it_acknowledged(kind, service, tmp_path):
    assert await killed(kind, str(tmp_path / "journal.sqlite"), service, tmp_path) == ([], [])


async def test_one_of_four_on_postgresql_loses_nothing_that_it_acknowledged(service, postgres_url, tmp_path):
    assert await killed("four", postgres_url, service, tmp_path) == ([], [])
