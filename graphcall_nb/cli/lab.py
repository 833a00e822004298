"""``graphcall-nb lab``: the notebooks in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def open_lab(options: Sequence[str]) -> int:
    """Start JupyterLab on the notebooks and wait for its end; nothing is installed."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise OSError("JupyterLab is not installed here; get it with: pip install 'graphcall-nb[lab]'")
    folder = notebooks()
    print(f"Opening {folder} in JupyterLab. Ctrl-C stops it.", flush=True)  # noqa: T201
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *options]
    return subprocess.call(command)  # noqa: S603


def notebooks() -> Path:
    """The folder of the notebooks: that of the checkout, else a copy of those in the package, made once."""
    for folder in (PACKAGE.parent / "notebooks", PACKAGE / "notebooks"):
        if folder.is_dir():
            break
    else:
        raise OSError("The notebooks are missing from this installation; get them from the project's repository.")
    if folder.parent != PACKAGE and os.access(folder, os.W_OK):
        return folder
    # Those inside site-packages belong to pip: people get a copy that they may change.
    mine = Path.cwd() / "graphcall-notebooks"
    if not mine.exists():
        shutil.copytree(folder, mine)
    return mine
