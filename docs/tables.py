"""Writes the reference from the code's own data: ``python docs/tables.py``.

The pages are kept in the repository, so that they can be read there; a test fails when they are behind the code.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import graphcall_nb
from graphcall_nb import cli, errors, templates
from graphcall_nb.callstates import ACTIONS, STATES, TRANSITIONS
from graphcall_nb.clouds import CLOUDS
from graphcall_nb.diagnosis.examination import STEPS
from graphcall_nb.dialects import DIALECTS
from graphcall_nb.frames import Frames
from graphcall_nb.linting import RULES
from graphcall_nb.results import codes
from graphcall_nb.settings import NAMES, PREFIX
from graphcall_nb.simulator import FAULTS, SCENARIOS
from graphcall_nb.wire import ACTIONS as OPERATIONS

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
    """The first paragraph of a docstring, with Sphinx's roles as plain code."""
    paragraph = " ".join(inspect.cleandoc(doc or "").split("\n\n")[0].split()).replace("``", "`")
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", paragraph)


# ---- pages


def names() -> str:
    """Every public name, documented from its docstring."""
    parts = ["Everything of `import graphcall_nb as gc`. Names are loaded on first use.\n"]
    for name in graphcall_nb.__all__:
        value = getattr(graphcall_nb, name)
        if inspect.ismodule(value):
            page = {"errors": "errors.md", "templates": "templates.md"}.get(name)
            more = f" See [its own page]({page})." if page else ""
            parts.append(f"## {name}\n\n{_first(value.__doc__)}{more}\n")
            if page is None:
                parts += [f"::: {one.__module__}.{one.__qualname__}\n" for one in members(value)]
            continue
        home = f"{value.__module__}.{value.__qualname__}"
        parts.append(f"::: {home}\n")
    return "\n".join(parts)


def members(module: Any) -> list[Any]:
    return [getattr(module, name) for name in module.__all__]


def error_tree() -> str:
    tree = inspect.cleandoc(errors.__doc__ or "").split("::\n")[1].split("\n\nEach")[0]
    kinds = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    rows = [(code(kind.__name__), _first(kind.__doc__)) for kind in kinds if kind.__module__ == errors.__name__]
    return (
        "Each message is a sentence that ends with what to do next. No message, argument or `repr` of these errors "
        f"holds a secret or a token.\n\n```text\n{inspect.cleandoc(tree)}\n```\n\n"
        + table(("error", "what it means"), rows)
    )


def columns() -> str:
    frames = Frames(read=lambda *_, **__: [], read_requests=lambda *_, **__: [])
    parts = [
        "Types are the same from the empty frame on. Times are UTC in microseconds (`datetime64[us, UTC]`), durations "
        "`timedelta64[us]`; both are `NaT` where there is none.\n"
    ]
    for name in FRAMES:
        method = getattr(frames, name)
        parts.append(f"## `session.{name}()`\n\n{_first(method.__doc__)}\n")
        parts.append(table(("column", "type", "what it holds"), _columns(method)))
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


def columns_of(method: Callable[..., Any]) -> dict[str, str]:
    """What the section *Columns* of a frame's docstring says of each column."""
    section = re.search(r"Columns\n-+\n(.*?)(\n\n\w|\n\n[A-Z][a-z]+\n-|\Z)", inspect.getdoc(method) or "", re.DOTALL)
    found: dict[str, str] = {}
    last: list[str] = []
    for line in (section[1] if section else "").splitlines():
        if " : " in line and not line.startswith(" "):
            names, _, text = line.partition(" : ")
            last = [name.strip() for name in names.split(",")]
            found |= dict.fromkeys(last, text)
        elif line.strip():
            found |= {name: f"{found[name]} {line.strip()}" for name in last}
    return {name: text.replace("``", "`") for name, text in found.items()}


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
    rows = [
        (code(f"{number}/{refined}"), entry.meaning + ".", entry.remedy + ".", entry.source)
        for number, refined, entry in _entries()
    ]
    words = "What `gc.explain(code, subcode)` knows. Others go by the class of their code.\n\n"
    return words + table(("code/subcode", "meaning", "what to do", "source"), rows)


def _entries() -> Iterator[tuple[int, int, codes.Entry]]:
    found: dict[tuple[int, int], codes.Entry] = {}
    for value in vars(codes).values():
        if isinstance(value, dict):
            found |= {key: entry for key, entry in value.items() if isinstance(key, tuple)}
    for (number, refined), entry in sorted(found.items()):
        yield number, refined, entry


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
        (code(name), ", ".join(state for state in STATES if state in allowed)) for name, allowed in ACTIONS.items()
    ]
    return (
        "One table drives the simulator, the client's refusals, the order of states in frames, and the state diagram. "
        "*Shown* steps are on a page or in a capture of Graph; *inferred* ones are our reading.\n\n"
        + table(("from", "to", "by", "evidence"), steps)
        + "\n## What may be asked of a call in which state\n\n"
        + table(("operation", "states"), actions)
    )


# Methods that are not called as Graph calls their operation.
METHODS = {
    "listParticipants": "participants",
    "getParticipant": "participant",
    "inviteParticipants": "invite",
    "muteAll": "mute_participants",
}


def operations() -> str:
    """What can be asked of a call that there is, as each version spells it."""
    rows = [
        (code(f"{method(name)}()"), code(name), _address(name), action.permission, "yes" if action.repeatable else "no")
        for name, action in OPERATIONS.items()
    ]
    roots = " and ".join(code(one.calls_path() + "/{id}") for one in DIALECTS.values())
    return (
        "Methods of `CallHandle`; those of `AsyncCalls` take the id of the call before the other parameters. Which "
        "operation makes sense in which state is told by [States and operations](states.md). A *repeatable* one does "
        "no more twice than once: only such a one is sent again when the first may have arrived.\n\n"
        f"Addresses are below that of the call, {roots}.\n\n"
        + table(("method", "Graph's name", "address", "permission", "repeatable"), rows)
    )


def _address(operation: str) -> str:
    """Method and path; by version where the versions differ."""
    verb = OPERATIONS[operation].method
    paths = {one.name: one.operations.get(operation) for one in DIALECTS.values()}
    if len(set(paths.values())) == 1:
        return code(f"{verb} …{next(iter(paths.values()))}")
    return ", ".join(f"{name}: {code(f'{verb} …{path}') if path else 'none'}" for name, path in paths.items())


def method(operation: str) -> str:
    return METHODS.get(operation, re.sub(r"(?=[A-Z])", "_", operation).lower())


def commands() -> str:
    parser = cli._parser()
    [choices] = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    parts = [f"{parser.description}\n"]
    for name, command in (choices or {}).items():
        options = [
            (code(", ".join(action.option_strings) or action.dest), (action.help or "").replace("%(default)s", ""))
            for action in command._actions
        ]
        parts.append(f"## `graphcall-nb {name}`\n\n{command.description or ''}\n")
        parts.append(table(("option", "meaning"), options))
    return "\n".join(parts)


def settings() -> str:
    rows = [(code(f"{PREFIX}{name.upper()}"), code(_parameter(name)), meaning) for name, meaning in NAMES.items()]
    clouds = [
        (code(cloud.name), cloud.title, cloud.authority, cloud.graph_url, ", ".join(cloud.issuers))
        for cloud in CLOUDS.values()
    ]
    doctor = [(title, f"“{_title(needs[0])}” passed" if needs else "") for _, title, needs in STEPS]
    return (
        "What `connect()`, `doctor()` and `graphcall-nb doctor` are told about a tenant. A parameter is before an "
        "environment variable, and that before a line of the first `.env` file in the working directory or above it. "
        "What is empty was not given.\n\n"
        + table(("environment, `.env`", "parameter", "where its value is found, or what it is"), rows)
        + "\nPassword, key and secret are in no `repr`, log, traceback or notebook: see "
        "[Threat model](../threat-model.md). Proxies are those of `HTTPS_PROXY` and `NO_PROXY`.\n\n## Clouds\n\n"
        + table(("`cloud`", "is", "signs in at", "Graph", "issuers of notifications"), clouds)
        + "\nMicrosoft does not publish who signs call notifications in its national clouds. The keys are asked for at "
        f"`{CLOUDS['global'].openid_url}` in each of them; `openid_url=` and `issuers=` say otherwise.\n\n"
        "## What the doctor looks at\n\n" + table(("step", "is reached when"), doctor)
    )


def _parameter(name: str) -> str:
    return "client_credential" if name == "client_secret" else name


def _title(step: str) -> str:
    return next(title for name, title, _ in STEPS if name == step)


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "names": ("Public names", names),
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
    """The text of each page by its name."""
    note = "<!-- Written by `python docs/tables.py`; do not edit. -->\n\n"
    return {name: f"{note}# {title}\n\n{make()}" for name, (title, make) in PAGES.items()}


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / f"{name}.md").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
