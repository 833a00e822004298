"""Several listeners write one PostgreSQL; a reader that follows with a cursor must not miss a row."""

import asyncio
import threading

import pytest

from graphcall_nb.errors import JournalError
from graphcall_nb.journal.journal import open_journal
from tests.postgres import MISSING, binaries, running_postgres

from .rows import notification

pytestmark = pytest.mark.slow

WRITERS, ROUNDS = 6, 40


async def write(url, name):
    journal = open_journal(url)
    for count in range(ROUNDS):
        # Large and small transactions overlap, so that their commits come in another order than they began.
        await journal.append([notification(f"{name}-{count}-{n}") for n in range(1 + (count * 37 + name * 53) % 90)], 1)
    journal.close()


async def test_a_reader_misses_nothing_of_what_commits_meanwhile(postgres_url):
    reader = open_journal(postgres_url)
    threads = [threading.Thread(target=lambda n=n: asyncio.run(write(postgres_url, n))) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    seen, after = [], 0
    while True:
        over = not any(thread.is_alive() for thread in threads)
        if rows := reader.read(after, 500):
            seen += [row[2] for row in rows]
            after = rows[-1][0]
        elif over:
            break
    assert sorted(seen) == sorted(row[2] for row in reader.read())
    reader.close()


async def test_readers_are_woken_and_not_left_to_look(postgres_url, monkeypatch):
    monkeypatch.setattr("graphcall_nb.journal.journal.ANNOUNCED_SECONDS", 600)
    reader, writer = open_journal(postgres_url), open_journal(postgres_url)
    for count in range(3):
        waiting = asyncio.create_task(reader.wait(reader.last_seq))
        await writer.append([notification(f"{count}")], 1)
        await asyncio.wait_for(waiting, 30)
    reader.close()
    writer.close()


@pytest.fixture
def own_postgres():
    if binaries() is None:
        pytest.skip(MISSING)
    with running_postgres() as server:
        yield server


async def test_server_that_goes_away_and_comes_back(own_postgres):
    journal = open_journal(own_postgres.url)
    await journal.append([notification("before")], 1)
    waiting = asyncio.create_task(journal.wait(1))
    await asyncio.sleep(0)
    own_postgres.stop()
    with pytest.raises(JournalError, match=r"127\.0\.0\.1.*see that it runs"):
        await journal.append([notification("lost")], 1)
    assert "cannot be read now" in repr(journal)
    own_postgres.start()
    await journal.append([notification("after")], 1)
    assert [row[2] for row in journal.read()] == ["before", "after"]
    waiting.cancel()
    journal.close()
