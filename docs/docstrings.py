"""Extension of griffe, which reads the docstrings for the site: descriptions on the line of a parameter's name."""

from __future__ import annotations

import re
from typing import Any

import griffe

SECTION = re.compile(r"^(Parameters|Attributes)\n-+\n(.*?)(?=\n\n|\Z)", re.DOTALL | re.MULTILINE)
ENTRY = re.compile(r"^(\*{0,2}\w[\w, *]*?) : (.*)$", re.MULTILINE)
ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


class Plain(griffe.Extension):
    """Conversion of ``name : description``, which griffe would read as a type, to numpydoc; roles become code."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = plain(obj.docstring.value)


def plain(text: str) -> str:
    """Return a docstring in numpydoc and Markdown.

    >>> plain("Parameters\\n----------\\nname : see :func:`a.b`\\n    and more")
    'Parameters\\n----------\\nname\\n    see `b`\\n    and more'
    """
    spread = SECTION.sub(lambda found: ENTRY.sub(r"\1\n    \2", found[0]), text)
    return ROLE.sub(r"`\1`", spread).replace("``", "`")
