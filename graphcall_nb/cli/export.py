"""``graphcall-nb export``: a frame of a journal or of a saved session into a file, or the session itself."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..session import replay

SAVED = ".gcnb"
"""The end of the name of a saved session."""


def export(source: str, out: Path, *, frame: str, since: str | None, where: Mapping[str, list[str]], mask: bool) -> int:
    """Write the file, say where it is; returns the exit status."""
    if out.suffix == SAVED and (since or where):
        raise ValueError(f"--since and --where choose rows of a frame, and a {SAVED} is all of it; leave them out.")
    if mask and out.suffix != SAVED:
        # Masks are made of all that there is, so the frame is that of a masked session.
        with tempfile.TemporaryDirectory() as folder:
            with replay(source, speed=math.inf) as session:
                masked = session.save(Path(folder) / f"masked{SAVED}", mask=True)
            return export(str(masked), out, frame=frame, since=since, where=where, mask=False)
    with replay(source, speed=math.inf) as session:
        if out.suffix == SAVED:
            session.save(out, mask=mask)
        else:
            session.export(out, frame, since=since, where=where)
    print(out)  # noqa: T201
    return 0
