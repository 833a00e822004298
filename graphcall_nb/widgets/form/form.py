"""The form: everything put together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import ipywidgets as widgets

from ...dialects import DEFAULT
from ...models import Call
from ...templates import EXAMPLE_CALLBACK_URI
from . import sections
from .actions import Actions, Submit
from .controls import FormBehavior
from .counsel import Counsel
from .editor import Editor, Part, View
from .header import Header
from .panes import Panes
from .state import FormState

_CALLBACK_NOTE = "Left empty, or with the address of Microsoft's example, it is this session's own listener."


class Form(widgets.VBox):  # type: ignore[misc]
    """Builds a call and sends it.

    Parameters
    ----------
    submit
        Takes a :class:`~graphcall_nb.Call` and returns a :class:`concurrent.futures.Future` of its handle at once.
    call
        The call to begin with; an empty form without one.
    version
        The version of the API: decides lint and export.
    simulated
        Whether a simulator stands in for Microsoft: shows a badge.
    default_callback_uri
        What to send in place of a callback address that is missing or is the one of Microsoft's example. It is only
        sent, and never shown, since it may hold a secret. A function is asked each time, for an address that changes.

    Attributes
    ----------
    last : what ``submit``'s future held at last, usually a :class:`~graphcall_nb.CallHandle`; ``None`` before that

    Examples
    --------
    >>> from concurrent.futures import Future
    >>> from graphcall_nb import templates
    >>> form = Form(lambda call: Future(), call=templates.pstn())
    >>> form.call.targets[0].identity.phone.id
    '+14258828080'
    >>> form.template = "meet_now"
    >>> form.errors
    {}
    """

    def __init__(
        self,
        submit: Submit,
        *,
        call: Call | None = None,
        version: str = DEFAULT,
        simulated: bool = False,
        default_callback_uri: str | Callable[[], str] = "",
    ) -> None:
        self._default_callback_uri = default_callback_uri
        self._simulated = simulated
        ignored = ["callback-missing"] * bool(default_callback_uri) + ["callback-loopback"] * simulated
        self._editor = editor = Editor(FormState(call, version=version, ignored_rules=ignored), self._show)
        note = _CALLBACK_NOTE if default_callback_uri else ""
        self._header = Header(editor, version, simulated)
        self._sections = sections.of_call(editor, note)
        self._panes = Panes(editor, note)
        self._counsel = Counsel(editor, self._placed, lambda: self._actions.button.focus())
        self._actions = Actions(editor, submit, self._complete, self._point_out)
        self._behavior = FormBehavior()
        super().__init__(self._laid_out())
        self.add_class("gc")
        self.add_class("gcf-form")
        editor.refresh()

    def _laid_out(self) -> list[widgets.DOMWidget]:
        fields = widgets.VBox([*self._sections, self._counsel, self._actions])
        fields.add_class("gcf-fields")
        columns = widgets.Box([fields, self._panes])
        columns.add_class("gcf-columns")
        return [self._behavior, self._header, columns]

    def _show(self, view: View) -> None:
        parts: tuple[Part, ...] = (self._header, *self._sections, self._panes, self._counsel, self._actions)
        for part in parts:
            part.show(view)
        fields = [control for section in self._sections for field in section.fields for control in field.controls]
        controls = [self._header.template, self._panes.json.text, *fields]
        if controls != self._behavior.controls:
            self._behavior.controls = controls

    def _placed(self, field: str) -> bool:
        return any(name == field or field.startswith(f"{name}[") for part in self._sections for name in part.names)

    def _point_out(self) -> None:
        """Put the cursor into the first field that is wrong."""
        if self._editor.state.json_problem:
            self._panes.choose("JSON")
            self._panes.json.text.focus()
            return
        wrong = (field for section in self._sections for field in section.fields if field.problem.value)
        if field := next(wrong, None):
            field.control.focus()

    def _complete(self, call: Call) -> Call:
        if self._default_callback_uri and call.callback_uri in (None, "", EXAMPLE_CALLBACK_URI):
            default = self._default_callback_uri
            call.callback_uri = default() if callable(default) else default
        return call

    @property
    def call(self) -> Call:
        """The call as it stands in the form: a copy. Setting it fills the form."""
        with self._editor.lock:
            return self._editor.state.call

    @call.setter
    def call(self, call: Call) -> None:
        self._editor.change(lambda state: state.load(call))

    @property
    def template(self) -> str | None:
        """Name of the template the form began with, ``""`` for an empty form, ``None`` for anything else."""
        return self._editor.state.template

    @template.setter
    def template(self, name: str) -> None:
        self._editor.change(lambda state: state.load_template(name))

    @property
    def errors(self) -> dict[str, str]:
        """What stands against sending: field in Graph's names to what is wrong; ``json`` for text that is no JSON."""
        with self._editor.lock:
            return self._editor.state.errors()

    @property
    def last(self) -> Any:
        return self._actions.last

    def create(self) -> Future[Any]:
        """Send the call, as the button does.

        Returns
        -------
        Future
            Of what ``submit`` makes. While there are errors, nothing is sent and it holds
            :class:`~graphcall_nb.errors.InvalidCall`; while a call is on its way, it is that call's.
        """
        return self._actions.create()

    def __repr__(self) -> str:
        kind = "SIMULATED, " if self._simulated else ""
        return f"<Form {kind}{self._editor.state.version}: {self.call!r}>"
