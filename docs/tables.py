"""Script that writes the reference from the code's data: ``python docs/tables.py``.

The pages are kept in the repository, so that they can be read there; a test fails when they are behind the code.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

import graphcall_nb
from graphcall_nb import errors
from graphcall_nb.cli import COMMANDS, cli, load_command
from graphcall_nb.client.settings import ENV_PREFIX, SETTINGS
from graphcall_nb.diagnosis.checks import CHECKS
from graphcall_nb.frames import Frames
from graphcall_nb.graph import templates
from graphcall_nb.graph.clouds import CLOUDS, Cloud
from graphcall_nb.graph.lint import RULES
from graphcall_nb.graph.operations import ACTIONS, Action, reason_not_in_cloud
from graphcall_nb.graph.result_codes import CLASSES, CODES, RESULTS, WORDS, Entry
from graphcall_nb.graph.states import STATES, TRANSITIONS
from graphcall_nb.graph.versions import VERSIONS
from graphcall_nb.journal.columns import NotificationColumns
from graphcall_nb.simulator.faults import FAULTS
from graphcall_nb.simulator.scenarios import SCENARIOS

FOLDER = Path(__file__).parent / "reference"
FRAMES = ("notifications", "intervals", "calls", "participants", "operations", "requests", "messages")
Row = Sequence[str]


def table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{text}`"


def _first(doc: str | None) -> str:
    """Return the first paragraph of a docstring."""
    return plain(inspect.cleandoc(doc or "").split("\n\n")[0])


def plain(text: str) -> str:
    """Return the text in one line, with Sphinx roles as code."""
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", " ".join(text.split()).replace("``", "`"))


# ---- pages


def names() -> str:
    """Return a page with every public name and its docstring."""
    parts = ["Everything of `import graphcall_nb as gc`. Names are loaded on first use.\n"]
    public = {name: getattr(graphcall_nb, name) for name in graphcall_nb.__all__}
    for name, value in sorted(public.items(), key=lambda item: inspect.ismodule(item[1])):
        if inspect.ismodule(value):
            page = {"errors": "errors.md", "templates": "templates.md"}.get(name)
            more = f" See [its own page]({page})." if page else ""
            parts.append(f"## {name}\n\n{_first(value.__doc__)}{more}\n")
            if page is None:
                parts += [describe(one, one.__module__, INHERITED) for one in members(value)]
            continue
        parts.append(describe(value, "graphcall_nb", INHERITED))
    return "\n".join(parts)


def describe(value: Any, module: str, options: str = "") -> str:
    """Return the directive that describes a function, or a class with its members."""
    kind, shown = ("class", f"   :members:\n{options}") if inspect.isclass(value) else ("function", "")
    return f"```{{eval-rst}}\n.. auto{kind}:: {module}.{value.__qualname__}\n{shown}```\n"


INHERITED = "   :inherited-members:\n"


def further() -> str:
    """Return a page with the types of public functions, and the names of submodules."""
    parts = ["Not loaded by `import graphcall_nb` alone; import each from its module.\n"]
    for name, chosen in FURTHER.items():
        module = importlib.import_module(f"graphcall_nb.{name}")
        described = [getattr(module, each) for each in chosen] or defined_in(module)
        parts.append(f"## graphcall_nb.{name}\n\n{_first(module.__doc__)}\n")
        parts += [describe(each, each.__module__) for each in described]
    return "\n".join(parts)


def defined_in(module: Any) -> list[Any]:
    """Return the public classes and functions of a module in the order of the file, or of its ``__all__``."""
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    values = [getattr(module, name) for name in names if not name.startswith("_")]
    return [value for value in values if inspect.isclass(value) or inspect.isfunction(value)]


# Public names of modules; all names of a module where none is listed.
FURTHER: dict[str, tuple[str, ...]] = {
    "graph.base": ("Resource",),
    "graph.models": (),
    "graph.operations": (),
    "graph.findings": (),
    "graph.lint_rules": ("Finding", "Rule"),
    "graph.results": ("Explanation",),
    "simulator": ("Simulator", "SimulatorOptions"),
    "fleet": (),
    "load": (),
    "tunnels": (),
    "plots": ("Description", "save_timeline"),
    "frames.summary": ("Summary",),
    "session.open_journal": ("JournalSession",),
    "session.replay": ("ReplaySession",),
}


def members(module: Any) -> list[Any]:
    return [getattr(module, name) for name in module.__all__]


def error_tree() -> str:
    drawn = inspect.cleandoc(errors.__doc__ or "").split("::\n")[1].split("\n\nEach")[0]
    tree = re.sub(r"^([│├└─ ]*\w+).*$", r"\1", drawn, flags=re.MULTILINE)  # the table says what each is
    kinds = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    rows = [
        (code(kind.__name__), _first(kind.__doc__), remedy(kind))
        for kind in kinds
        if kind.__module__ == errors.__name__
    ]
    return (
        "Each message is a sentence that ends with what to do next. No message, argument or `repr` of these errors "
        f"holds a secret or a token.\n\n```text\n{inspect.cleandoc(tree)}\n```\n\n"
        + table(("error", "what it means", "what to do"), rows)
    )


def remedy(kind: type[Exception]) -> str:
    """Return the remedy in an error's docstring, as a sentence."""
    found = re.search(r"^What to do: (.*?)(\n\n|\Z)", inspect.cleandoc(kind.__doc__ or ""), re.DOTALL | re.MULTILINE)
    words = plain(found[1]) if found else ""
    return words[:1].upper() + words[1:]


def columns() -> str:
    frames = Frames(lambda *_: NotificationColumns(), lambda *_: [], lambda _: [])
    parts = [
        "Types are the same from the empty frame on. Times are UTC in microseconds (`datetime64[us, UTC]`), durations "
        "`timedelta64[us]`; both are `NaT` where there is none.\n"
    ]
    for name in FRAMES:
        method = getattr(frames, name)
        before, _, after = notes(method)
        parts.append(f"## `session.{name}()`\n\n{before}\n")
        parts.append(table(("column", "type", "what it holds"), _columns(method)) + after)
    return "\n".join(parts)


def _columns(method: Callable[..., Any]) -> Iterator[Row]:
    frame = _empty(method)
    types = {str(frame.index.name): frame.index.dtype} if frame.index.name else {}
    types |= dict(frame.dtypes.items())
    described = columns_of(method)
    for name, dtype in types.items():
        index = " (the index)" if name == frame.index.name else ""
        yield code(name), code(str(dtype)), described[name] + index


def _empty(method: Callable[..., Any]) -> Any:
    needed = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty and p.kind == 1]
    return method(*["none"] * len(needed))


def notes(method: Callable[..., Any]) -> tuple[str, str, str]:
    """Split a frame's docstring at its section *Columns*, without its parameters."""
    doc = re.sub(r"Parameters\n-+\n.*?\n\n", "", inspect.getdoc(method) or "", flags=re.DOTALL)
    before, _, rest = doc.partition("Columns\n-------\n")
    section, _, after = rest.partition("\n\n")
    return paragraphs(before), section, f"\n{paragraphs(after)}\n" if after else ""


def paragraphs(text: str) -> str:
    return "\n\n".join(plain(each) for each in text.strip().split("\n\n"))


def columns_of(method: Callable[..., Any]) -> dict[str, str]:
    """Return the description of each column from the section *Columns*."""
    found: dict[str, str] = {}
    last: list[str] = []
    for line in notes(method)[1].splitlines():
        if " : " in line and not line.startswith(" "):
            names, _, text = line.partition(" : ")
            last = [name.strip() for name in names.split(",")]
            found |= dict.fromkeys(last, text)
        else:
            found |= {name: f"{found[name]} {line.strip()}" for name in last}
    return {name: plain(text) for name, text in found.items()}


def scenarios() -> str:
    rows = [
        (code(name), one.description, one.teaches, ", ".join(map(code, one.codes))) for name, one in SCENARIOS.items()
    ]
    words = "What becomes of a call: `gc.simulate(scenario=…)` and `graphcall-nb simulate --scenario …`.\n\n"
    return words + table(("scenario", "what happens", "what it teaches", "code/subcode"), rows)


def faults() -> str:
    rows = [(code(name), one.description, one.teaches) for name, one in dict(FAULTS).items()]
    words = "What goes wrong on the way, one or several: `gc.simulate(faults=[…])`.\n\n"
    return words + table(("fault", "what happens", "what it teaches"), rows)


def results() -> str:
    pairs = [(f"{number}/{refined}", entry) for (number, refined), entry in sorted(RESULTS.items())]
    alone = [(str(number), entry) for number, entry in sorted(CODES.items())]
    classes = [(f"{hundreds}xx" if hundreds else "0", entry) for hundreds, entry in sorted(CLASSES.items())]
    return (
        "What `gc.explain(code, subcode)` knows. Where it does not know the subcode it goes by the code, and where it "
        "does not know that, by its class.\n\n"
        + _entries("code/subcode", pairs)
        + "\n## Codes alone\n\n"
        + _entries("code", alone)
        + "\n## Classes of codes\n\n"
        + _entries("code", classes)
        + "\n## Words of beta\n\nBeta gives words where v1.0 has numbers. Capitals do not matter.\n\n"
        + _entries("word", sorted(WORDS.items()))
    )


def _entries(first: str, entries: Iterable[tuple[str, Entry]]) -> str:
    rows = [(code(key), entry.meaning + ".", entry.remedy + ".", entry.source) for key, entry in entries]
    return table((first, "meaning", "what to do", "source"), rows)


def rules() -> str:
    rows = [(code(rule.name), rule.level, rule.source) for rule in RULES]
    return "What `gc.lint(call)` looks for.\n\n" + table(("rule", "level", "where it is written"), rows)


def calls() -> str:
    rows = [(code(one.name), one.title, one.description, one.permission) for one in templates.ALL.values()]
    words = "Each is a function that returns a `Call`; its parameters take the place of the example's values.\n\n"
    return words + table(("template", "title", "what it does", "permission"), rows)


def states() -> str:
    steps = [(step.source or "(none)", step.target, step.trigger, step.evidence) for step in TRANSITIONS]
    actions = [
        (code(name), ", ".join(state for state in STATES if state in action.states)) for name, action in ACTIONS.items()
    ]
    return (
        "One table drives the client's refusals, the order of states in frames, and the state diagram; a "
        "test holds the simulator's own table equal to it. "
        "*Shown* steps are on a page or in a capture of Graph; *inferred* ones are our reading.\n\n"
        + table(("from", "to", "by", "evidence"), steps)
        + "\n## What may be asked of a call in which state\n\n"
        + table(("operation", "states"), actions)
    )


def operations() -> str:
    """Return the page of the actions on a call, with their paths in each version."""
    rows = [
        (
            code(f"{action.call_method}()"),
            code(name),
            _address(action),
            action.permission,
            "yes" if action.is_idempotent else "no",
            "no" if action.is_global_only else "yes",
        )
        for name, action in ACTIONS.items()
    ]
    roots = ", ".join(code(one.calls_path() + "/{id}") for one in VERSIONS.values())
    return (
        "Methods of `CallHandle`. `AsyncCalls.perform(call_id, action)` sends any of them, as an object of a class of "
        "`graphcall_nb.graph.operations`. [States and operations](states.md) lists the states that allow each. A "
        "second request for an *idempotent* action has no further effect, so it is sent again when the first was not "
        f"answered. Microsoft's clouds of the *US Government* lack some actions; that of China has none.\n\nPaths are "
        f"below that of the call: {roots}.\n\n"
        + table(("method", "Graph's name", "path", "permission", "idempotent", "US Government"), rows)
    )


def _address(action: type[Action]) -> str:
    """Return method and path; by version where the versions differ."""
    paths = {version.base: action.path_in(version.base) for version in VERSIONS.values()}
    if len(set(paths.values())) == 1:
        place = "…" if action.is_below_call else "/calls"
        return code(f"{action.method} {place}{next(iter(paths.values()))}")
    return ", ".join(f"{name}: {code(f'{action.method} …{path}') if path else 'none'}" for name, path in paths.items())


def commands() -> str:
    purpose = plain(cli.help or "")
    parts = [f"{purpose} An error is one sentence on stderr with exit status 1; wrong arguments are status 2.\n"]
    for name in COMMANDS:
        command = load_command(name)
        context = click.Context(command, info_name=f"graphcall-nb {name}", show_default=True)
        options = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
        parts.append(f"## `graphcall-nb {name}`\n\n{paragraphs(command.help or '')}\n")
        parts.append(f"    {context.command.get_usage(context).removeprefix('Usage: ')}\n")
        if options:
            parts.append(table(("option", "meaning"), [(code(option), text) for option, text in filter(None, options)]))
    return "\n".join(parts)


def settings() -> str:
    rows = [
        (code(f"{ENV_PREFIX}{name.upper()}"), code(_parameter(name)), meaning) for name, meaning in SETTINGS.items()
    ]
    clouds = [
        (
            code(cloud.name),
            cloud.title,
            _list_lacking(cloud),
            cloud.authority,
            cloud.graph_url,
            ", ".join(cloud.issuers),
        )
        for cloud in CLOUDS.values()
    ]
    doctor = [(title, f"“{_title(needs[0])}” passed" if needs else "") for _, title, needs in CHECKS]
    return (
        "Settings of `connect()`, `doctor()` and `graphcall-nb doctor` for a tenant. A parameter takes precedence over "
        "an environment variable, and that over a line of the first `.env` file in the working directory or above it. "
        "An empty value counts as not set.\n\n"
        + table(("environment, `.env`", "parameter", "meaning, or where its value is found"), rows)
        + "\nPasswords, keys and secrets never appear in a `repr`, log, traceback or notebook: see "
        "[Threat model](../threat-model.md). Proxies are those of `HTTPS_PROXY` and `NO_PROXY`.\n\n## Clouds\n\n"
        + table(("`cloud`", "is", "lacks", "signs in at", "Graph", "issuers of notifications"), clouds)
        + "\nMicrosoft does not publish who signs call notifications in its national clouds. The keys are asked for at "
        f"`{CLOUDS['global'].openid_url}` in each of them; `openid_url=` and `issuers=` say otherwise.\n\n"
        "## Other environment variables\n\n"
        + table(("variable", "read by", "what it is"), [(code(name), *words) for name, words in VARIABLES.items()])
        + "\n## What the doctor looks at\n\n"
        + table(("step", "is reached when"), doctor)
    )


def _list_lacking(cloud: Cloud) -> str:
    """Return the actions that a cloud lacks."""
    if not cloud.has_calling:
        return "calling"
    return ", ".join(code(name) for name in ACTIONS if reason_not_in_cloud(name, cloud)) or "nothing"


VARIABLES = {
    "HTTPS_PROXY": (
        "requests to other machines",
        "URL of a proxy: http://, https:// or, with `httpx[socks]`, socks5://",
    ),
    "ALL_PROXY": ("the same", "proxy where `HTTPS_PROXY` is not set"),
    "NO_PROXY": ("the same", "hosts without a proxy: names, ends of names, addresses and networks of IPv4 and IPv6"),
    "SSL_CERT_FILE": ("the same", "PEM file of the trusted certificate authorities, instead of certifi's"),
    "SSL_CERT_DIR": ("the same", "folder of them, where `SSL_CERT_FILE` is not set"),
    "SSLKEYLOGFILE": ("Python", "file to which the keys of TLS connections are written"),
    "GRAPHCALL_PATH": (
        "`graphcall-nb listen`",
        "path of the callback, a secret that is not to show among the processes",
    ),
    "GRAPHCALL_FLEET": ("notebook 08", "how many calls the fleet makes"),
    "NGROK_AUTHTOKEN": ("the tunnel `ngrok`", "token of your account"),
    "JUPYTERHUB_PUBLIC_URL": ("the tunnel `jupyter`", "address of the hub, where it announces one"),
    "JUPYTERHUB_API_TOKEN": ("the tunnel `jupyter`", "set by JupyterHub"),
    "JUPYTERHUB_SERVICE_URL": ("the tunnel `jupyter`", "set by JupyterHub"),
    "JPY_PARENT_PID": ("the tunnel `jupyter`", "set by the Jupyter server; tells which of several is meant"),
    "TOKEN": ("what `gc.export_call` writes for curl and Python", "an access token for Graph"),
    "GRAPHCALL_CHROMIUM": ("the tests", "path of a Chromium, where it is not on PATH"),
    "GRAPHCALL_INTERRUPT_SEED": ("the tests", "selects the lines that the tests interrupt; `1` by default"),
    "GRAPHCALL_REQUIRE_BROWSER": ("the tests", "`1`: without a Chromium the tests fail and are not skipped"),
    "GRAPHCALL_NODE_LIBRARIES": ("the tests", "folder of the npm packages for `tests/external`"),
    "GRAPHCALL_SCREENSHOTS": ("the tests", "folder for pictures of the pages"),
    "GRAPHCALL_KERNEL_PYTHON": ("the tests", "Python with another ipykernel, for the tests of widgets"),
    "GRAPHCALL_KILL_NOTIFICATIONS": ("the tests", "how many notifications the kill test sends"),
}
"""Environment variables other than settings: reader and meaning."""


def _parameter(name: str) -> str:
    return "client_credential" if name == "client_secret" else name


def _title(step: str) -> str:
    return next(title for name, title, _ in CHECKS if name == step)


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "names": ("Public names", names),
    "further": ("Names of submodules", further),
    "templates": ("Templates", calls),
    "errors": ("Errors", error_tree),
    "columns": ("Columns of the frames", columns),
    "states": ("States and operations", states),
    "operations": ("Operations on a call", operations),
    "results": ("Result codes", results),
    "rules": ("Rules of lint", rules),
    "scenarios": ("Scenarios of the simulator", scenarios),
    "faults": ("Faults of the simulator", faults),
    "commands": ("Command line", commands),
    "settings": ("Settings of a tenant", settings),
}


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    note = "<!-- Written by `python docs/tables.py`; do not edit. -->\n\n"
    return {name: f"{note}# {title}\n\n{make()}" for name, (title, make) in PAGES.items()}


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / f"{name}.md").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
