"""Places that are recognized as unsafe for a journal, and the warning of them."""

import warnings

import pytest

from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.places import find_unsafe_place

MOUNTS = """overlay / overlay rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sda1 /home/ann/disk ext4 rw 0 0
//nas/my\\040files /mnt/my\\040files cifs rw 0 0
odd
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/tmp/x.sqlite", None),
        ("/home/x.sqlite", "a network file system (nfs4)"),
        ("/homes/x.sqlite", None),
        ("/home/ann/disk/x.sqlite", None),
        ("/mnt/my files/x.sqlite", "a network file system (cifs)"),
        ("/dbfs/tmp/x.sqlite", "DBFS"),
        ("\\\\nas\\calls\\x.sqlite", "a network folder"),
        (
            "/Users/ann/Library/CloudStorage/GoogleDrive-ann/x.sqlite",
            "a synchronized folder (CloudStorage)",
        ),
        ("/disk/Dropbox (Contoso)/x.sqlite", "a synchronized folder (Dropbox (Contoso))"),
        ("/disk/Dropbox.sqlite", None),
        ("/disk/NoDropbox/x.sqlite", None),
    ],
)
def test_unsafe_places_are_recognized(path, place):
    assert find_unsafe_place(path, MOUNTS) == place


def test_writer_is_warned_and_reader_is_not(tmp_path):
    (tmp_path / "OneDrive").mkdir()
    path = tmp_path / "OneDrive" / "calls.sqlite"
    with pytest.warns(UserWarning, match=r"is in a synchronized folder \(OneDrive\).*choose a folder on a disk"):
        open_journal(path).close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_journal(path, read_only=True).close()
