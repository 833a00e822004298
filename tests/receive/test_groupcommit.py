"""Where commits are made: on the loop while they are quick, else on a thread."""

import asyncio
import threading

import pytest

from graphcall_nb.errors import JournalError
from graphcall_nb.journal.commit import QUICK_SECONDS, GroupCommit

QUICK, SLOW = QUICK_SECONDS / 2, QUICK_SECONDS * 2


class Disk:
    """Takes as long for a commit as it is told, by a clock of its own; keeps what it was given, and on which thread."""

    def __init__(self):
        self.now = 0.0
        self.seconds = QUICK
        self.held = False
        self.rows = []
        self.here = []

    def commit(self, rows, *, wait):
        if self.held and not wait:
            return False
        self.now += self.seconds
        self.rows += rows
        self.here.append(threading.current_thread() is threading.main_thread())
        return True


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def commits(disk):
    commits = GroupCommit(disk.commit, lambda: JournalError("closed"), clock=lambda: disk.now)
    yield commits
    commits.close()


async def test_quick_commits_are_made_on_the_loop_once_one_was_seen(commits, disk):
    for row in "abc":
        await commits.add([(row,)])
    assert disk.here == [False, True, True]


async def test_after_a_slow_commit_the_next_has_a_thread_until_one_is_quick(commits, disk):
    await commits.add([("first",)])
    for disk.seconds in (SLOW, SLOW, QUICK, QUICK):
        await commits.add([("row",)])
    assert disk.here == [False, True, False, False, True]


async def test_what_would_have_to_wait_is_given_to_a_thread_whole(commits, disk):
    await commits.add([("first",)])
    disk.held = True
    await commits.add([("a",), ("b",)])
    assert disk.rows == [("first",), ("a",), ("b",)]
    assert disk.here == [False, False]


async def test_what_comes_during_a_commit_shares_the_next(commits, disk):
    await commits.add([("first",)])
    await asyncio.gather(*(commits.add([(number,)]) for number in range(50)))
    assert len(disk.here) == 2


async def test_error_of_a_commit_on_the_loop_is_raised_to_who_waits(commits, disk):
    await commits.add([("first",)])
    disk.rows = None
    with pytest.raises(TypeError):
        await commits.add([("a",)])


async def test_closed_takes_nothing_more(commits, disk):
    await commits.add([("first",)])
    commits.close()
    with pytest.raises(JournalError, match="closed"):
        await commits.add([("a",)])
    assert disk.rows == [("first",)]
