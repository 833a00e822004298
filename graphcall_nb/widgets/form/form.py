"""The form: its header, its button, and all parts together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import ipywidgets as widgets

from ...errors import InvalidCall
from ...graph import templates
from ...graph.models import Call
from ...graph.requests import permission_for
from ...graph.templates import is_example_callback_uri
from ...graph.versions import DEFAULT, VersionName, get_version
from ..bundle import add_picture
from ..closing import close_parts
from .controls import CallLink, DisclosureButton, FormBehavior
from .lint_panel import LintPanel
from .messages import (
    SENDING,
    describe_created,
    describe_failure,
    describe_refusal,
    escape_text,
    make_block,
    set_class,
    set_visible,
)
from .sections import CollapsibleSection, make_sections
from .state import FormController, FormSnapshot, FormState, Part
from .tabs import Tabs

Submit = Callable[[Call], "Future[Any]"]

_CALLBACK_NOTE = "If empty or set to Microsoft's example, this session's listener is used."
_EMPTY_NOTE = "Choose a template, paste a request, or fill in the fields."
_TEMPLATE_OPTIONS = (("Empty form", ""), *((template.title, name) for name, template in templates.ALL.items()))
_CUSTOM_OPTION = ("Custom request", "(custom)")  # a value of ipywidgets' dropdown may not be None


class Header(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Badges, template choice with description and permission, Undo and Reset."""

    def __init__(self, controller: FormController, version: str, simulated: bool) -> None:
        self.controller = controller
        badge = '<span class="gc-badge gc-simulated">SIMULATED</span>' if simulated else ""
        version = f'<span class="gc-badge">{escape_text(version)}</span>'
        title = widgets.HTML(f'<h3 class="gcf-title">New call</h3>{badge}{version}')
        title.add_class("gcf-titlebar")
        self.template = widgets.Dropdown(
            description="Template", options=_TEMPLATE_OPTIONS, value="", tooltip="The call to start from"
        )
        self.template.add_class("gcf-template")
        self.template.observe(self._on_template, "value")
        self.undo = self._make_button("Undo", "undo", "Restore the call before", lambda state: state.undo())
        self.reset = self._make_button(
            "Reset", "refresh", "Restore the template", lambda state: state.load_template(state.template or "")
        )
        picker = widgets.HBox([self.template, self.undo, self.reset])
        picker.add_class("gcf-picker")
        self.about = make_block("gcf-about")
        super().__init__([title, picker, self.about])
        self.add_class("gcf-header")

    def _make_button(self, label: str, icon: str, tip: str, apply: Callable[[FormState], None]) -> widgets.Button:
        button = widgets.Button(description=label, icon=icon, tooltip=tip)
        button.add_class(f"gcf-{label.lower()}")
        button.on_click(lambda _: self._on_press(button, apply))
        return button

    def _on_press(self, button: widgets.Button, apply: Callable[[FormState], None]) -> None:
        self.controller.change(apply)
        if button.disabled:  # a disabled button loses the focus
            self.template.focus()

    def _on_template(self, change: Any) -> None:
        if change["new"] not in (None, _CUSTOM_OPTION[1]):
            self.controller.change(lambda state: state.load_template(change["new"]))

    def render(self, snapshot: FormSnapshot) -> None:
        state = snapshot.state
        options = _TEMPLATE_OPTIONS if state.template is not None else (*_TEMPLATE_OPTIONS, _CUSTOM_OPTION)
        if self.template.options != options:
            self.template.options = options
        self.template.value = _CUSTOM_OPTION[1] if state.template is None else state.template
        self.undo.disabled = not state.can_undo
        template = templates.ALL.get(state.template or "")
        if not state.body:
            self.about.value = escape_text(template.description if template else _EMPTY_NOTE)
            return
        permission = permission_for(state.call, get_version(state.version))
        need = f'<span class="gcf-need">Needs <code>{escape_text(permission)}</code></span>'
        self.about.value = f"{escape_text(template.description if template else _CUSTOM_OPTION[0])} &nbsp;{need}"


class CreateButton(widgets.Box):  # type: ignore[misc]
    """The button that creates the call, its outcome, and a link to the call.

    In a narrow cockpit, a second button shows and hides the fields.

    It never waits for the response, which arrives in another thread. There, only traits are set: text printed from a
    thread would appear in another cell.

    Parameters
    ----------
    controller : holds the call
    submit : sends a call and returns a future of its handle
    prepare : returns the call to send
    focus_error : moves the focus to the first error
    """

    def __init__(
        self,
        controller: FormController,
        submit: Submit,
        prepare: Callable[[Call], Call],
        focus_error: Callable[[], None],
    ) -> None:
        self.controller = controller
        self.last: Any = None
        self._submit = submit
        self._prepare = prepare
        self._focus_error = focus_error
        self._is_refused = False
        self._pending: Future[Any] | None = None
        self._pending_lock = threading.Lock()
        self.button = widgets.Button(description="Create call", icon="phone", button_style="primary")
        self.button.tooltip = "Send the request; nothing is sent while there are errors"
        self.button.add_class("gcf-create")
        self.button.on_click(lambda _: self.create())
        self.status = make_block("gcf-outcome")
        self.link = CallLink(layout=widgets.Layout(display="none"))
        self.link.add_class("gcf-call-link")
        self.unfold = DisclosureButton(description="Fields")
        self.unfold.add_class("gcf-unfold")
        super().__init__([self.button, self.unfold, self.status, self.link])
        self.add_class("gcf-actions")

    def create(self) -> Future[Any]:
        """Send the call; while a request is under way, its future is returned and nothing is sent."""
        with self._pending_lock:
            if self._pending is not None and not self._pending.done():
                return self._pending
            self._pending = future = self._start()
        future.add_done_callback(self._on_done)
        return future

    def _start(self) -> Future[Any]:
        with self.controller.lock:
            errors = self.controller.state.errors()
            self.controller.change(_reveal_errors)
            call = self.controller.state.call
        self._is_refused = bool(errors)
        set_visible(self.link, False)  # it belongs to the call before
        if errors:
            self._focus_error()
            lines = "; ".join(f"{field}: {message}" for field, message in errors.items())
            return _make_failed(InvalidCall(f"Nothing was sent. {lines}", problems=list(errors.items())))
        self._set_busy(True)
        self.status.value = SENDING
        try:
            return self._submit(self._prepare(call))
        except Exception as error:  # any error belongs beside the button, not into a log
            return _make_failed(error)

    def _on_done(self, future: Future[Any]) -> None:
        if future.cancelled():
            self.status.value = describe_failure(InvalidCall("The request was cancelled; press Create call again."))
        elif (error := future.exception()) is not None:
            problems = error.problems if isinstance(error, InvalidCall) else ()
            self.status.value = describe_refusal(len(problems)) if problems else describe_failure(error)
        else:
            self.last = future.result()
            self.status.value = describe_created(self.last)
            self.link.call_id = str(getattr(self.last, "id", None) or "")
            set_visible(self.link, bool(self.link.call_id))
        self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        """Show that a request is under way. The button stays enabled: disabling it would take the focus from it."""
        self.button.icon = "" if busy else "phone"
        self.button.description = "Creating …" if busy else "Create call"
        set_class(self.button, "gcf-busy", busy)

    def render(self, snapshot: FormSnapshot) -> None:
        """Update the count of errors; clear it when there are none, or when another call was loaded."""
        if self._is_refused:
            count = len(snapshot.errors) if snapshot.state.revealed else 0
            self._is_refused = count > 0
            self.status.value = describe_refusal(count) if count else ""


def _reveal_errors(state: FormState) -> None:
    state.revealed = True


def _make_failed(error: Exception) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


class Form(widgets.VBox):  # type: ignore[misc]
    """Builds a call and sends it.

    Parameters
    ----------
    submit : callable
        Takes a :class:`~graphcall_nb.Call` and returns a :class:`concurrent.futures.Future` of its handle at once.
    call : Call, optional
        The call to start from; by default the form is empty.
    version : str
        The version of the API: decides lint and export.
    simulated : bool
        Whether a simulator replaces Microsoft: shows a badge.
    default_callback_uri : str or callable
        Replaces a callback address that is empty or that of Microsoft's example. It is sent but never shown, since it
        may contain a secret. A function is called for each request, for an address that changes.

    Attributes
    ----------
    last : the last result of ``submit``, usually a :class:`~graphcall_nb.CallHandle`; ``None`` before

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
        version: VersionName = DEFAULT,
        simulated: bool = False,
        default_callback_uri: str | Callable[[], str] = "",
    ) -> None:
        self._default_callback_uri = default_callback_uri
        self._simulated = simulated
        ignored = ["callback-missing"] * bool(default_callback_uri) + ["callback-loopback"] * simulated
        state = FormState(call, version=version, ignored_rules=ignored)
        self._controller = controller = FormController(state, self._render)
        note = _CALLBACK_NOTE if default_callback_uri else ""
        self._behavior = FormBehavior(self.create, lambda: self._tabs.paste.fill_form())
        self._header = Header(controller, version, simulated)
        self._sections = make_sections(controller, note)
        self._tabs = Tabs(controller, note)
        self._lint_panel = LintPanel(controller, self._has_field, lambda: self._create_button.button.focus())
        self._create_button = CreateButton(controller, submit, self._fill_callback, self._focus_error)
        fields = widgets.VBox([*self._sections, self._lint_panel])
        fields.add_class("gcf-fields")
        columns = widgets.Box([fields, self._tabs])
        columns.add_class("gcf-columns")
        super().__init__([self._behavior, self._header, self._create_button, columns])
        self.add_class("gc")
        self.add_class("gcf-form")
        controller.render()

    def _render(self, snapshot: FormSnapshot) -> None:
        parts: tuple[Part, ...] = (
            self._header,
            *self._sections,
            self._tabs,
            self._lint_panel,
            self._create_button,
        )
        for part in parts:
            part.render(snapshot)
        fields = [control for section in self._sections for field in section.fields for control in field.controls]
        toggles = [section.toggle for section in self._sections if isinstance(section, CollapsibleSection)]
        texts = [self._tabs.json.text, self._tabs.paste.text]
        controls = [self._header.template, *texts, *toggles, self._create_button.unfold, *fields]
        if controls != self._behavior.controls:
            self._behavior.controls = controls

    def _has_field(self, name: str) -> bool:
        names = (one for section in self._sections for one in section.names)
        return any(one == name or name.startswith(f"{one}[") for one in names)

    def _focus_error(self) -> None:
        """Move the focus to the first field with an error."""
        self._create_button.unfold.value = True
        if self._controller.state.json_problem:
            self._tabs.choose("JSON")
            self._tabs.json.text.focus()
            return
        invalid = (field for section in self._sections for field in section.fields if field.problem.value)
        if field := next(invalid, None):
            field.control.focus()

    def _fill_callback(self, call: Call) -> Call:
        if self._default_callback_uri and is_example_callback_uri(call.callback_uri):
            default = self._default_callback_uri
            call.callback_uri = default() if callable(default) else default
        return call

    @property
    def call(self) -> Call:
        """A copy of the call in the form. Setting it fills the form."""
        with self._controller.lock:
            return self._controller.state.call

    @call.setter
    def call(self, call: Call) -> None:
        self._controller.change(lambda state: state.load(call))

    @property
    def template(self) -> str | None:
        """Name of the template the form was filled from, ``""`` for an empty form, ``None`` for anything else."""
        return self._controller.state.template

    @template.setter
    def template(self, name: str) -> None:
        self._controller.change(lambda state: state.load_template(name))

    @property
    def errors(self) -> dict[str, str]:
        """Errors that prevent sending, by field in Graph's names; ``json`` for text that is not JSON."""
        with self._controller.lock:
            return self._controller.state.errors()

    @property
    def last(self) -> Any:
        return self._create_button.last

    def create(self) -> Future[Any]:
        """Send the call, as the button does.

        Returns
        -------
        Future
            The result of ``submit``. While there are errors, nothing is sent and the future holds
            :class:`~graphcall_nb.errors.InvalidCall`; while a request is under way, its future is returned.
        """
        return self._create_button.create()

    def make_picture(self) -> str:
        """Return the call as HTML that stays in a saved notebook, with secrets masked."""
        return f"<h4>New call</h4><pre>{escape_text(repr(self.call))}</pre>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and its request for a saved notebook."""
        return add_picture(super()._repr_mimebundle_(**kwargs), self.make_picture(), repr(self))

    def close(self) -> None:
        """Remove the form from all pages, and free the models of everything in it."""
        close_parts(self)
        super().close()

    def __repr__(self) -> str:
        kind = "SIMULATED, " if self._simulated else ""
        return f"<Form {kind}{self._controller.state.version}: {self.call!r}>"
