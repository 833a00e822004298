"""Files that another program damages while a listener writes into them, and what the doctor says about a file."""

import os
from contextlib import closing

import pytest

from graphcall_nb.errors import JournalError
from graphcall_nb.journal.integrity import IntegrityWatch, describe_file, find_damage
from graphcall_nb.journal.journal import describe_journal, open_journal

from .records import make_notification

PAGE_BYTES = 4096


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "calls.sqlite")


@pytest.fixture
async def journal(path):
    with closing(open_journal(path)) as opened:
        await opened.append([make_notification(str(number)) for number in range(500)], 1)
        yield opened


def overwrite(path, start, content=b"\xff" * PAGE_BYTES):
    with open(path, "r+b", buffering=0) as file:
        file.seek(start)
        file.write(content)


def overwrite_log(path):
    overwrite(f"{path}-wal", 0, b"\0" * 32)


def truncate_log(path):
    os.truncate(f"{path}-wal", 10)


def overwrite_frames(path):
    for start in range(32, os.path.getsize(f"{path}-wal") - PAGE_BYTES, PAGE_BYTES + 24):
        overwrite(f"{path}-wal", start + 24)


DAMAGES = {"-wal": overwrite_log, "-wal file": truncate_log, "damaged": overwrite_frames}


async def test_intact_journal_is_described(journal, path):
    assert find_damage(path) is None
    assert journal.describe().startswith(f"{path} is intact")


@pytest.mark.parametrize("name", DAMAGES)
async def test_damage_of_a_file_in_use_is_named(journal, path, name):
    DAMAGES[name](path)
    assert name in find_damage(path)
    with pytest.raises(JournalError, match="Restore a copy"):
        describe_file(path)


async def test_damaged_page_is_named(path):
    with closing(open_journal(path)) as journal:
        await journal.append([make_notification(str(number)) for number in range(500)], 1)
    overwrite(path, os.path.getsize(path) // PAGE_BYTES // 2 * PAGE_BYTES)
    assert "damaged" in find_damage(path)


def test_commits_start_checks_from_time_to_time(path):
    open_journal(path).close()
    times = iter([0.0, 0.5, 1.5, 1.5, 1.6, 1.7, 200.0])
    watch = IntegrityWatch(path, clock=lambda: next(times))
    overwrite(path, 0)
    watch.note_commit()
    assert watch.damage is None
    watch.note_commit()
    watch.close()
    assert "not a database" in watch.damage


def test_disk_without_space_is_named(path):
    with pytest.raises(JournalError, match="5 MB left"):
        describe_file(path, free_bytes=5_000_000)


def test_unsafe_place_is_named(tmp_path):
    folder = tmp_path / "Dropbox"
    folder.mkdir()
    with pytest.raises(JournalError, match="synchronized folder"):
        describe_file(str(folder / "calls.sqlite"))


def test_missing_journal_is_not_created(path):
    assert "will be created" in describe_journal(path)
    assert not os.path.exists(path)
    with pytest.raises(JournalError, match="create its folder"):
        describe_journal(f"{path}/folder/calls.sqlite")
