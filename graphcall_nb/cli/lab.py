"""``graphcall-nb lab``: the notebooks in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

PACKAGE = Path(__file__).parent.parent


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]})
@click.argument("jupyterlab_options", nargs=-1, type=click.UNPROCESSED)
def lab(jupyterlab_options: tuple[str, ...]) -> int:
    """Open the notebooks in JupyterLab.

    Options are passed to JupyterLab, such as --no-browser or --port=8890.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise OSError("JupyterLab is not installed; install it with: pip install 'graphcall-nb[lab]'")
    folder = find_notebooks()
    click.echo(f"Opening {folder} in JupyterLab. Ctrl-C stops it.")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *jupyterlab_options]
    return subprocess.call(command)  # noqa: S603


def find_notebooks() -> Path:
    """Return the folder of the notebooks: that of the checkout, or a copy of the packaged ones, made once."""
    for folder in (PACKAGE.parent / "notebooks", PACKAGE / "notebooks"):
        if folder.is_dir():
            break
    else:
        raise OSError("The notebooks are missing from this installation; get them from the project's repository.")
    if folder.parent != PACKAGE and os.access(folder, os.W_OK):
        return folder
    # pip owns the notebooks in site-packages, so users get a copy that they can change.
    copy = Path.cwd() / "graphcall-notebooks"
    if not copy.exists():
        shutil.copytree(folder, copy)
    return copy
