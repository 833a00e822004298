"""The rules that keep the package easy to change: levels, libraries, sizes, what an import loads."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "graphcall_nb"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "notebooks" not in path.relative_to(PACKAGE).parts)

# An import may only go to a lower level. A package counts as one module, whatever is inside it.
LEVELS = {
    "errors": 0,
    "callstates": 0,
    "discretion": 0,
    "probe": 0,
    "slips": 0,
    "unseen": 0,
    "wording": 0,
    "jupyter_extension": 0,  # runs in the Jupyter server's process, so it imports nothing of ours
    "clouds": 1,
    "models": 1,
    "statecolors": 1,
    "joinurl": 2,
    "settings": 2,
    "results": 2,
    "dialects": 2,
    "templates": 3,
    "parse": 3,
    "linting": 3,
    "wire": 3,
    "auth": 3,
    "journal": 3,
    "tokens": 3,
    "tracker": 3,
    "tunnels": 3,
    "diagnosis": 4,
    "export": 4,
    "client": 4,
    "listener": 4,
    "simulator": 4,
    "frames": 4,
    "plots": 5,
    "widgets": 5,
    "background": 5,
    "receiving": 6,
    "classroom": 7,
    "session": 7,
    "fleet": 7,
    "cli": 8,
    "exercises": 8,
    "__main__": 9,
    "__init__": 9,
}

# Which library may appear where; a library that is not named here may appear anywhere.
LIBRARIES = {
    "pydantic": {"models"},
    "msgspec": {"dialects", "frames", "journal"},
    "msal": {"auth"},
    "dotenv": {"settings"},
    "httpx": {"auth", "client", "diagnosis", "receiving", "session", "simulator", "tunnels"},
    "sqlalchemy": {"journal"},
    "jwt": {"tokens", "simulator"},
    "cryptography": {"settings", "tokens", "simulator"},
    "starlette": {"simulator"},
    "pandas": {"exercises", "frames", "plots"},
    "numpy": {"frames", "plots"},
    "matplotlib": {"plots"},
    "uvicorn": {"background"},
    "uvloop": {"background"},
    "nest_asyncio": {"session"},
    "nest_asyncio2": {"session"},
    "ipywidgets": {"widgets"},
    "anywidget": {"widgets"},
    "click": {"cli"},
    "rich": {"cli"},
    "jupyter_server": {"jupyter_extension"},
    "tornado": {"jupyter_extension"},
    "asyncssh": {"tunnels"},
    "ngrok": {"tunnels"},
}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> list[tuple[str, bool]]:
    """(absolute name, whether it is ours) of each run-time import of a file, those inside functions too."""
    tree = ast.parse(path.read_text())
    skipped = {id(node) for block in ast.walk(tree) if _is_type_checking(block) for node in ast.walk(block)}
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, alias.name.startswith("graphcall_nb")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += _from(path, node)
    return found


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _from(path: Path, node: ast.ImportFrom) -> list[tuple[str, bool]]:
    if not node.level:
        return [(node.module or "", (node.module or "").startswith("graphcall_nb"))]
    package = ("graphcall_nb", *path.relative_to(PACKAGE).parent.parts)
    base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
    names = [base] if base != "graphcall_nb" else [f"{base}.{alias.name}" for alias in node.names]
    return [(name, True) for name in names]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path):
    mine = module_of(path)
    targets = {name.split(".")[1] for name, ours in imports(path) if ours and "." in name} - {mine}
    upward = {target for target in targets if LEVELS[target] >= LEVELS[mine]}
    assert not upward, f"{mine} (level {LEVELS[mine]}) imports {upward}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_where_they_belong(path):
    strangers = {name.split(".")[0] for name, ours in imports(path) if not ours}
    misplaced = {name for name in strangers if module_of(path) not in LIBRARIES.get(name, {module_of(path)})}
    assert not misplaced


def test_simulator_shares_nothing_with_the_client():
    shared = {
        name.split(".")[1] for path in (PACKAGE / "simulator").rglob("*.py") for name, ours in imports(path) if ours
    }
    assert shared <= {"simulator", "callstates", "errors", "slips"}


# A version's name, or a part of its paths.
VERSION = re.compile(r"\bbeta\b|\bv1\.0\b|/app/|/applications/|/communications", re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if module_of(path) not in ("dialects", "simulator")],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_only_dialects_and_the_simulator_know_versions(path):
    tree = ast.parse(path.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose]
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert [text for text in texts if isinstance(text, str) and VERSION.search(text)] == []
    assert {"BETA", "V1"}.isdisjoint(names)


def test_every_module_has_a_level():
    assert {module_of(path) for path in MODULES} <= set(LEVELS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_and_functions_are_small(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 450
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [node.name for node in functions if _code_lines(node) > 60] == []


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as it needs."""
    lines = (node.end_lineno or 0) - node.lineno + 1
    first = node.body[0]
    doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return lines - ((first.end_lineno or 0) - first.lineno + 1 if doc else 0)


def test_import_loads_nothing_heavy():
    heavy = "{'pandas', 'matplotlib', 'ipywidgets', 'msal', 'uvicorn', 'sqlalchemy'}"
    code = f"import sys, graphcall_nb; print(*({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


def test_the_server_extension_loads_nothing_of_a_notebook():
    heavy = "{'pandas', 'matplotlib', 'ipywidgets', 'msal', 'uvicorn', 'sqlalchemy', 'httpx', 'pydantic'}"
    code = f"import sys, graphcall_nb.jupyter_extension.handlers; print(*({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


def test_nothing_outside_the_project_is_mentioned():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    words = ["../" + "shared", "/work" + "/", "DESIGN" + ".md", "DESIGN" + " "]
    files = [
        ROOT / name for name in tracked if Path(name).suffix in {".py", ".md", ".js", ".ipynb", ".toml", ".css", ""}
    ]
    texts = {path: path.read_text() for path in files if path.is_file()}
    assert [(str(path), word) for path, text in texts.items() for word in words if word in text] == []
