"""Script that draws the architecture from the rules of the tests: ``python docs/architecture.py``.

Packages by level, each with its purpose from its docstring.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
RULES = ROOT / "tests" / "test_architecture.py"

WIDTH, MARGIN, GAP, LABEL = 1120, 16, 8, 44
BOX_WIDTH, BOX_HEIGHT = 254, 58
PER_ROW = (WIDTH - LABEL - 2 * MARGIN + GAP) // (BOX_WIDTH + GAP)

STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#1b1b1b}"
    ".n{font-weight:600;font-size:13px}.w{fill:#4a4a4a;font-size:11px}.l{font-weight:600;fill:#4a4a4a}"
)


def levels() -> dict[str, int]:
    """Return the level of each package, as the tests define it."""
    spec = importlib.util.spec_from_file_location("rules", RULES)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.LEVELS)


def purpose(name: str) -> str:
    """Return the first sentence of a module's docstring."""
    home = ROOT / "graphcall_nb" / name
    path = home / "__init__.py" if home.is_dir() else home.with_suffix(".py")
    words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return " ".join(words.split("\n\n")[0].split()).replace("``", "")


def picture() -> str:
    found = levels()
    parts: list[str] = []
    y = MARGIN
    for level in sorted(set(found.values()), reverse=True):
        names = sorted(name for name, its in found.items() if its == level and name != "__main__")
        rows = -(-len(names) // PER_ROW)
        height = rows * (BOX_HEIGHT + GAP) + GAP
        parts.append(
            f'<rect x="{MARGIN}" y="{y}" width="{WIDTH - 2 * MARGIN}" height="{height}" rx="6" fill="#eef3f3"/>'
        )
        parts.append(f'<text class="l" x="{MARGIN + 14}" y="{y + height / 2 + 4}">{level}</text>')
        for at, name in enumerate(names):
            row, column = divmod(at, PER_ROW)
            parts += box(MARGIN + LABEL + column * (BOX_WIDTH + GAP), y + GAP + row * (BOX_HEIGHT + GAP), name)
        y += height + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{y + MARGIN}" '
        f'viewBox="0 0 {WIDTH} {y + MARGIN}">\n<title>The modules of graphcall_nb by level; imports go down</title>\n'
        f'<style>{STYLE}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def box(x: int, y: int, name: str) -> list[str]:
    words = purpose(name)
    title = "graphcall_nb" if name == "__init__" else name
    lines = wrapped(words, 37)[:2]
    return [
        f"<g><title>{escape(words)}</title>",
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH - GAP}" height="{BOX_HEIGHT}" rx="4" fill="#fff" stroke="#9fb8b8"/>',
        f'<text class="n" x="{x + 9}" y="{y + 18}">{escape(title)}</text>',
        *(f'<text class="w" x="{x + 9}" y="{y + 34 + 14 * n}">{escape(line)}</text>' for n, line in enumerate(lines)),
        "</g>",
    ]


def wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) > 2:
        lines[1] = lines[1][: width - 2].rstrip(" ,;:") + " …"
    return lines


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
    sys.exit(0)
