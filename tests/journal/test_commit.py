"""Group commits: on the event loop while they are quick, else in a thread."""

import asyncio
import threading

import pytest

from graphcall_nb.errors import JournalError
from graphcall_nb.journal.commit import MAX_LOOP_COMMIT_SECONDS, GroupCommit

QUICK, SLOW = MAX_LOOP_COMMIT_SECONDS / 2, MAX_LOOP_COMMIT_SECONDS * 2


class Disk:
    """Commits that take ``seconds`` by a simulated clock; records the rows and the threads."""

    def __init__(self):
        self.now = 0.0
        self.seconds = QUICK
        self.is_locked = False
        self.rows = []
        self.is_on_loop = []

    def commit(self, rows, *, wait):
        if self.is_locked and not wait:
            return False
        self.now += self.seconds
        self.rows += rows
        self.is_on_loop.append(threading.current_thread() is threading.main_thread())
        return True


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def commits(disk):
    commits = GroupCommit(disk.commit, lambda: JournalError("closed"), clock=lambda: disk.now)
    yield commits
    commits.close()


async def test_commits_run_on_the_loop_after_a_quick_one(commits, disk):
    for row in "abc":
        await commits.add([(row,)])
    assert disk.is_on_loop == [False, True, True]


async def test_after_a_slow_commit_commits_run_in_a_thread_until_one_is_quick(commits, disk):
    await commits.add([("first",)])
    for disk.seconds in (SLOW, SLOW, QUICK, QUICK):
        await commits.add([("row",)])
    assert disk.is_on_loop == [False, True, False, False, True]


async def test_commit_that_would_block_runs_in_a_thread_as_a_whole(commits, disk):
    await commits.add([("first",)])
    disk.is_locked = True
    await commits.add([("a",), ("b",)])
    assert disk.rows == [("first",), ("a",), ("b",)]
    assert disk.is_on_loop == [False, False]


async def test_rows_that_arrive_during_a_commit_share_the_next(commits, disk):
    await commits.add([("first",)])
    await asyncio.gather(*(commits.add([(number,)]) for number in range(50)))
    assert len(disk.is_on_loop) == 2


async def test_error_of_a_commit_on_the_loop_is_raised_by_add(commits, disk):
    await commits.add([("first",)])
    disk.rows = None
    with pytest.raises(TypeError):
        await commits.add([("a",)])


async def test_closed_group_commit_refuses_rows(commits, disk):
    await commits.add([("first",)])
    commits.close()
    with pytest.raises(JournalError, match="closed"):
        await commits.add([("a",)])
    assert disk.rows == [("first",)]
