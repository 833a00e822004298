"""Scripts of users pass type checkers, and a misspelt name does not."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from graphcall_nb.graph.states import STATES, CallState
from graphcall_nb.graph.versions import VERSIONS, VersionName
from graphcall_nb.session.session import FRAMES, FrameName
from graphcall_nb.simulator import FAULTS, SCENARIOS, FaultName, ScenarioName
from graphcall_nb.simulator.states import STATES as SIMULATED_STATES

ROOT = Path(__file__).parents[2]
FIRST_CELLS = 4
# Notebooks have functions without annotations, lists of functions with different parameters, to which mypy gives no
# common type, streams of subprocesses, and cells that end with an expression.
NOTEBOOK_COMMENTS = """\
# mypy: disable-error-code="no-untyped-def, operator, union-attr"
# pyright: reportOptionalMemberAccess=false, reportUnusedExpression=false
"""
CHECK_SECONDS = 300


@pytest.mark.parametrize(
    ("literal", "names"),
    [
        (CallState, STATES),
        (CallState, SIMULATED_STATES),
        (VersionName, VERSIONS),
        (FrameName, FRAMES),
        (FaultName, FAULTS),
        (ScenarioName, SCENARIOS),
    ],
)
def test_literals_have_the_names(literal, names):
    assert set(get_args(literal)) == set(names)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """Return a folder with the scripts of this test, the example of the README and the first cells of the notebooks."""
    folder = tmp_path_factory.mktemp("typing")
    shutil.copytree(Path(__file__).parent / "scripts", folder, dirs_exist_ok=True)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    for number, block in enumerate(blocks):
        (folder / f"readme_{number}.py").write_text(block, "utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        texts = [source for source in sources if not source.startswith("%")][:FIRST_CELLS]
        (folder / f"notebook_{path.stem}.py").write_text("\n\n".join([NOTEBOOK_COMMENTS, *texts]), "utf-8")
    return folder


@pytest.mark.slow
def test_scripts_pass_mypy(scripts):
    # The configuration and the cache of the repository: its own check finds everything in the cache after this one.
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", *scripts.glob("*.py")]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=CHECK_SECONDS)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pyright"), reason="pyright is not installed; npm install -g pyright")
def test_scripts_pass_pyright(scripts):
    settings = {"reportUnnecessaryTypeIgnoreComment": "error", "extraPaths": [str(ROOT)]}
    (scripts / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = ["pyright", "--pythonpath", sys.executable, "--project", str(scripts)]
    checked = subprocess.run(command, cwd=scripts, capture_output=True, text=True, timeout=CHECK_SECONDS)
    assert checked.returncode == 0, checked.stdout + checked.stderr
