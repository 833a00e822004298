"""Several writers of one PostgreSQL: a reader that continues from the last number must not miss a row."""

import asyncio
import threading

import pytest

from graphcall_nb.errors import JournalError
from graphcall_nb.journal.journal import open_journal
from tests.postgres import MISSING, binaries, running_postgres

from .records import make_notification

pytestmark = pytest.mark.slow

WRITERS, ROUNDS = 6, 40


async def write(url, name):
    journal = open_journal(url)
    for count in range(ROUNDS):
        # Large and small transactions overlap, so that their commits come in a different order than they began.
        await journal.append(
            [make_notification(f"{name}-{count}-{n}") for n in range(1 + (count * 37 + name * 53) % 90)], 1
        )
    journal.close()


async def test_reader_misses_no_row_of_overlapping_transactions(postgres_url):
    reader = open_journal(postgres_url)
    threads = [threading.Thread(target=lambda n=n: asyncio.run(write(postgres_url, n))) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    seen, after = [], 0
    while True:
        is_over = not any(thread.is_alive() for thread in threads)
        if records := reader.read(after, 500):
            seen += [record.call_id for record in records]
            after = records[-1].seq
        elif is_over:
            break
    assert sorted(seen) == sorted(record.call_id for record in reader.read())
    reader.close()


async def test_commits_of_others_wake_a_reader_without_polling(postgres_url):
    reader, writer = open_journal(postgres_url, poll_seconds=600), open_journal(postgres_url)
    for count in range(3):
        waiting = asyncio.create_task(reader.wait(reader.last_seq))
        await writer.append([make_notification(f"{count}")], 1)
        await asyncio.wait_for(waiting, 30)
    reader.close()
    writer.close()


@pytest.fixture
def own_postgres():
    if binaries() is None:
        pytest.skip(MISSING)
    with running_postgres() as server:
        yield server


async def test_journal_recovers_after_a_restart_of_the_server(own_postgres):
    journal = open_journal(own_postgres.url)
    await journal.append([make_notification("before")], 1)
    waiting = asyncio.create_task(journal.wait(1))
    await asyncio.sleep(0)
    own_postgres.stop()
    with pytest.raises(JournalError, match=r"127\.0\.0\.1.*Check that it runs"):
        await journal.append([make_notification("lost")], 1)
    assert "not readable at present" in repr(journal)
    own_postgres.start()
    await journal.append([make_notification("after")], 1)
    assert [record.call_id for record in journal.read()] == ["before", "after"]
    waiting.cancel()
    journal.close()
