"""``graphcall-nb open``, in this process."""

import contextlib

from graphcall_nb.cli import main
from graphcall_nb.journal.journal import open_journal


def test_summary_of_a_journal(tmp_path, capsys):
    path = tmp_path / "calls.sqlite"
    with contextlib.closing(open_journal(path)):
        assert main(["open", str(path)]) == 0
    assert "0 calls, 0 notifications" in capsys.readouterr().out


def test_missing_file_is_one_sentence(tmp_path, capsys):
    assert main(["open", str(tmp_path / "missing.sqlite")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
