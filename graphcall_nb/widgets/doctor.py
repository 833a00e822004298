"""The doctor's checklist as a widget: it starts at once and never blocks the kernel."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from html import escape
from typing import Any

import ipywidgets as widgets

from ..diagnosis.report import Report
from .bundle import add_picture
from .closing import close_parts

Start = Callable[[Callable[[Report], None]], "Future[Report]"]

_CHECKING = "<p>Checking …</p>"


class Doctor(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A checklist that runs by itself.

    Parameters
    ----------
    start
        Starts the checks in the background: it takes a function to call with each new report, and returns the future
        of the last one.

    Attributes
    ----------
    report : the results so far; ``None`` before the first check
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self.report: Report | None = None
        self._future: Future[Report]
        self._table = widgets.HTML(_CHECKING)
        self._again = widgets.Button(description="Check again", tooltip="Run all checks again", disabled=True)
        self._again.on_click(lambda _: self.start())
        super().__init__([self._table, self._again])
        self.add_class("gcd-doctor")
        self.start()

    def start(self) -> None:
        """Run all checks again."""
        self._again.disabled = True
        self._table.value = _CHECKING
        self._future = self._start(self._show)
        self._future.add_done_callback(self._done)

    def wait(self, timeout: float | None = 120.0) -> Report:
        """Wait for the last check and return the report, which is text and HTML.

        Raises
        ------
        TimeoutError
            When it takes longer than ``timeout`` seconds.
        """
        return self._future.result(timeout)

    def _show(self, report: Report) -> None:
        # In any thread: traits may be set there, while a print would appear in another cell.
        self.report = report
        self._table.value = report._repr_html_()

    def _done(self, future: Future[Report]) -> None:
        self._again.disabled = False
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self._table.value = f"<p>{escape(str(error))}</p>"

    def close(self) -> None:
        """Remove the widget from all pages, and free its models."""
        close_parts(self)
        super().close()

    def __repr__(self) -> str:
        return "<Doctor, checking …>" if self.report is None else repr(self.report)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and the results so far for a saved notebook without live widgets."""
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle if self.report is None else add_picture(bundle, self.report._repr_html_(), repr(self.report))
