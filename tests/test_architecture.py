"""Rules of the package: levels, import cycles, libraries and the cost of an import."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "graphcall_nb"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "notebooks" not in path.relative_to(PACKAGE).parts)

# Imports under TYPE_CHECKING and inside functions count.
GRAPH = grimp.build_graph("graphcall_nb", cache_dir=None)
# A type of a library may be named anywhere: that does not load it.
LOADED = grimp.build_graph(
    "graphcall_nb", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
)

# An import may only go to a lower level. A package counts as one module, whatever is inside it.
LEVELS = {
    "errors": 0,
    "_backoff": 0,
    "_environment": 1,
    "_interrupts": 0,
    "_urls": 0,
    "_arguments": 0,
    "_text": 0,
    "jupyter_extension": 0,  # runs in the Jupyter server's process, so it imports nothing of ours
    "graph": 1,
    "background": 3,
    "journal": 3,
    "tunnels": 3,
    "client": 4,
    "listener": 5,
    "diagnosis": 6,
    "simulator": 4,
    "frames": 4,
    "plots": 5,
    "widgets": 7,
    "session": 8,
    "classroom": 9,
    "fleet": 9,
    "load": 9,
    "graph_calling": 9,
    "pytest_plugin": 10,
    "cli": 10,
    "exercises": 10,
    "__main__": 11,
    "__init__": 11,
}

# Which library may appear where; a library that is not named here may appear anywhere.
LIBRARIES = {
    "pydantic": {"graph"},
    "msgspec": {"graph", "frames", "journal"},
    "msal": {"client"},
    "dotenv": {"client"},
    "httpx": {"_environment", "classroom", "client", "diagnosis", "graph_calling", "listener", "session", "simulator"}
    | {"tunnels"},
    "sqlalchemy": {"journal"},
    "jwt": {"listener", "simulator"},
    "cryptography": {"client", "listener", "simulator"},
    "starlette": {"simulator"},
    "aiohttp": {"simulator"},
    "yaml": {"simulator"},
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


def top_level(module: str) -> str:
    """Return the package or module directly below ``graphcall_nb`` that a module belongs to."""
    return module.split(".")[1] if "." in module else "__init__"


IMPORTS = sorted((name, target) for name in GRAPH.modules for target in GRAPH.find_modules_directly_imported_by(name))

# Imports that go up or stay on a level, as (importer, imported). Empty when the packages have their new layout.
KNOWN_UPWARD: set[tuple[str, str]] = set()

# Packages with modules that import each other. Empty when the packages have their new layout.
KNOWN_CYCLES: set[str] = set()


@pytest.mark.parametrize("package", sorted({top_level(name) for name in GRAPH.modules}))
def test_imports_go_down_only(package):
    targets = {top_level(target) for name, target in IMPORTS if top_level(name) == package} - {package}
    upward = {(package, target) for target in targets if LEVELS[target] >= LEVELS[package]}
    assert upward <= KNOWN_UPWARD


def test_no_modules_import_each_other():
    cycles = {edge for edge in IMPORTS if GRAPH.chain_exists(importer=edge[1], imported=edge[0])}
    assert {edge for edge in cycles if top_level(edge[0]) not in KNOWN_CYCLES} == set()
    assert {top_level(name) for name, _ in cycles} == KNOWN_CYCLES, "remove the package from KNOWN_CYCLES"


@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_stay_where_they_belong(library):
    importers = LOADED.find_modules_that_directly_import(library) if library in LOADED.modules else set()
    assert {top_level(name) for name in importers} <= LIBRARIES[library]


def test_simulator_shares_nothing_with_the_client():
    shared = {target for name, target in IMPORTS if top_level(name) == "simulator" and top_level(target) != "simulator"}
    allowed = {"graphcall_nb.errors", "graphcall_nb._arguments", "graphcall_nb._text", "graphcall_nb._environment"}
    assert shared <= allowed


# A version's name, or a part of its paths.
VERSION = re.compile(r"\bbeta\b|\bv1\.0\b|/app/|/applications/|/communications", re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.relative_to(PACKAGE).parts[0] not in ("graph", "simulator")],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_only_graph_and_the_simulator_name_versions(path):
    tree = ast.parse(path.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose]
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert [text for text in texts if isinstance(text, str) and VERSION.search(text)] == []
    assert {"BETA", "V1"}.isdisjoint(names)


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
