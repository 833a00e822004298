"""Places in which a file does not keep the promises that a database needs: network and synchronized folders."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

_NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse"}
    | {"fuse.blobfuse", "fuse.blobfuse2", "fuse.goofys", "fuse.dbfs"}
)
_SYNCHRONIZED = re.compile(r"(OneDrive|Dropbox|Google ?Drive|iCloud ?Drive)( ?[-(].*)?|Mobile Documents|CloudStorage")
_MOUNTS = Path("/proc/mounts")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def find_unsafe_place(path: str, mounts: str | None = None) -> str | None:
    """Return the kind of a place in which commits may be lost, or ``None``; some places cannot be recognized.

    Parameters
    ----------
    path : absolute path of a file
    mounts : mounted file systems as in ``/proc/mounts``; by default those of this machine

    Examples
    --------
    >>> find_unsafe_place("/home/ann/OneDrive - Contoso/calls.sqlite", "")
    'a synchronized folder (OneDrive - Contoso)'
    >>> find_unsafe_place("/data/calls.sqlite", "server:/x /data nfs4 rw 0 0")
    'a network file system (nfs4)'
    """
    if path.startswith("/dbfs/"):
        return "DBFS"
    if path.startswith("\\\\"):
        return "a network folder"
    folders = PurePath(path).parts[:-1]
    if name := next((name for name in folders if _SYNCHRONIZED.fullmatch(name)), None):
        return f"a synchronized folder ({name})"
    kind = _find_file_system(PurePath(path), _read_mounts() if mounts is None else mounts)
    return f"a network file system ({kind})" if kind in _NETWORK_TYPES else None


def _read_mounts() -> str:
    try:
        return _MOUNTS.read_text(errors="replace")
    except OSError:  # another system than Linux
        return ""


def _find_file_system(path: PurePath, mounts: str) -> str:
    """Return the type of the file system that is mounted nearest above a path; of equal places, the last one counts."""
    found, depth = "", -1
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = PurePath(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        if path.is_relative_to(place) and len(place.parts) >= depth:
            found, depth = fields[2], len(place.parts)
    return found
