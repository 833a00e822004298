"""A section of the form: fields under a heading; open always, or folded, or with a kind that decides what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from . import markup
from .controls import DisclosureButton
from .editor import View
from .fields import Field, SetField
from .rows import Rows
from .state import FormState


class Section(widgets.VBox):  # type: ignore[misc]
    """Some fields under a heading; ``Section`` itself is always open."""

    def __init__(self, title: str, css: str, parts: Sequence[Field | Rows | widgets.DOMWidget]) -> None:
        self.parts = [part for part in parts if isinstance(part, Field | Rows)]
        self.content = widgets.VBox(_grids(parts))
        self.content.add_class("gcf-content")
        super().__init__([self.heading(title), self.content])
        self.add_class("gcf-section")
        self.add_class(css)

    def heading(self, title: str) -> widgets.DOMWidget:
        return widgets.HTML(f'<h4 class="gcf-heading">{markup.text(title)}</h4>')

    @property
    def names(self) -> Iterable[str]:
        """The fields of Graph whose errors are shown in here."""
        return (name for part in self.parts for name in part.names)

    @property
    def fields(self) -> Iterable[Field]:
        """All single fields, those of rows too, in their order."""
        for part in self.parts:
            yield from part.fields if isinstance(part, Rows) else [part]

    def show(self, view: View) -> None:
        for part in self.parts:
            part.show(view)


class Fold(Section):
    """A section that opens and closes; while closed, its heading says in short what is in it."""

    def __init__(
        self,
        title: str,
        css: str,
        parts: Sequence[Field | Rows | widgets.DOMWidget],
        summary: Callable[[FormState], str],
    ) -> None:
        self.summary = summary
        self.title = title
        super().__init__(title, css, parts)
        self.content.layout.display = "none"

    def heading(self, title: str) -> widgets.DOMWidget:
        self.toggle = DisclosureButton(description=title)
        self.toggle.add_class("gcf-fold")
        self.toggle.observe(self._folded, "value")
        return self.toggle

    def _folded(self, change: Any) -> None:
        self.content.layout.display = None if change["new"] else "none"

    def show(self, view: View) -> None:
        super().show(view)
        wrong = view.state.revealed and any(view.error(name) for name in self.names)
        if wrong:
            self.toggle.value = True
        short = self.summary(view.state)
        self.toggle.description = f"{self.title}: {short}" if short else self.title
        markup.toggle_class(self.toggle, "gcf-wrong", wrong)


class Choice(Fold):
    """A fold whose fields depend on a kind: those of other kinds are hidden."""

    def __init__(
        self,
        title: str,
        css: str,
        parts: Sequence[Field | Rows],
        summary: Callable[[FormState], str],
        *,
        kind: Callable[[FormState], str],
        only: dict[str, Sequence[Field | Rows]],
    ) -> None:
        self.kind = kind
        self.only = only
        super().__init__(title, css, parts, summary)

    @property
    def names(self) -> Iterable[str]:
        """Nobody sees what stands beside a field that is hidden."""
        return (name for part in self.parts if part.layout.display != "none" for name in part.names)

    def show(self, view: View) -> None:
        present = self.kind(view.state)
        for kind, parts in self.only.items():
            for part in parts:
                part.layout.display = None if kind == present else "none"
        super().show(view)


def _grids(parts: Sequence[Any]) -> list[Any]:
    """Fields that follow each other share a grid, which has as many columns as fit."""
    found: list[Any] = []
    run: list[Field] = []
    for part in [*parts, None]:
        if isinstance(part, Field) and not isinstance(part, SetField):
            run.append(part)
            continue
        if run:
            grid = widgets.Box(run)
            grid.add_class("gcf-grid")
            found.append(grid)
            run = []
        if part is not None:
            found.append(part)
    return found
