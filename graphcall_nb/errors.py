"""Every error this package raises on purpose.

::

    GraphcallError
    ├── InvalidCall            a call, or text meant to be one, that cannot be understood
    ├── IllegalAction          an operation that the call's state, or the version of the API, does not allow
    ├── Timeout                a wait that ended before what it waited for came (also a TimeoutError)
    ├── CallEnded              a wait for a state that the call can no longer reach
    ├── SetupError             what keeps a first run from running
    │   ├── SettingsMissing    settings that are needed and were not given
    │   ├── InvalidSetting     a setting that was given and cannot be used
    │   ├── SignInFailed       no access token could be had from Microsoft Entra
    │   ├── TunnelError        there is no public address for notifications, or it could not be opened
    │   │   ├── TunnelUnavailable  this way cannot work here: a program, a package or a setting is missing
    │   │   └── TunnelRefused      the other side says no (key, host key, account); trying again does not help
    │   └── ServiceUnreachable the service could not be asked at all
    ├── SessionClosed          a method of a session that was closed
    ├── ReadOnly               a request from a session that is a replay
    ├── ExtraMissing           a package that only some need and that is not installed (also an ImportError)
    ├── JournalError           the journal cannot be opened, read or written
    ├── InvalidNotification    a request body that is not a notification envelope
    ├── TokenRejected          a notification's bearer token that must not be trusted
    ├── TooManyTokens          more unknown tokens of notifications than are looked at
    ├── KeysUnavailable        the signing keys of notifications cannot be had
    └── GraphError             the service answered with an error
        ├── Unauthorized       401
        ├── ConsentMissing     403, a permission is missing (also a SetupError)
        ├── NotFound           404
        └── Throttled          429, or 503 with Retry-After

Each message is a sentence that ends with what to do next. No message, argument or ``repr`` of these errors
holds a secret or a token.
"""

from __future__ import annotations

from collections.abc import Sequence


class GraphcallError(Exception):
    """Base of all errors of this package.

    What to do: catch it to catch all of them; each message says more.
    """


class InvalidCall(GraphcallError, ValueError):
    """A call that cannot be built, or text from which no call can be read.

    ``problems`` holds ``(field, what is wrong and how to fix it)`` pairs; ``field`` is the path in Graph's own
    names, for example ``targets[0].identity``. ``line`` and ``column`` (from 1) tell where a text stopped making
    sense, where that is known.

    What to do: fix the fields that ``problems`` names; for text, look at ``line`` and ``column``.
    """

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[tuple[str, str]] = (),
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
        self.line = line
        self.column = column


class IllegalAction(GraphcallError):
    """An operation that the call's present state, or the version of the API, does not allow; nothing was sent.

    What to do: wait for a state that allows it (``call.wait_for``); the message names those, or the version of the
    API that has the operation.
    """


class Timeout(GraphcallError, TimeoutError):
    """A wait that ended before what it waited for came.

    What to do: wait longer with ``timeout=``. Where nothing comes at all, look at ``session.listener`` and run
    ``session.doctor()``.
    """


class CallEnded(GraphcallError):
    """A wait for a state that the call can no longer reach, since it has ended.

    What to do: read why in ``session.calls()["result"]``, and place the call again.
    """


class SetupError(GraphcallError):
    """What keeps a first run from running: a setting, the sign-in, the network. It is a sentence with the remedy.

    A notebook shows that sentence alone: where in our code it was noticed helps nobody.

    What to do: what the sentence says; ``graphcall-nb doctor`` finds the first thing that is missing.
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class SettingsMissing(SetupError):
    """Settings that are needed and were not given; ``missing`` holds their names.

    What to do: give each as a parameter, an environment variable or a line of a ``.env`` file.
    """

    def __init__(self, message: str, *, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)


class InvalidSetting(SetupError, ValueError):
    """A setting that was given and cannot be used; ``setting`` is its name.

    What to do: correct that setting where it was given; the message says what it may be.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting


class SessionClosed(GraphcallError):
    """A method of a session that was closed.

    What to do: make a new one with ``simulate()`` or ``connect()``; with the same ``journal=`` its frames are back.
    """

    def __init__(
        self, message: str = "This session is closed; make a new one with graphcall_nb.simulate() or connect()."
    ) -> None:
        super().__init__(message)


class ReadOnly(GraphcallError):
    """A request from a session that is a replay; nothing was sent.

    What to do: make a session with ``simulate()`` or ``connect()`` and place the request there.
    """


class ExtraMissing(GraphcallError, ImportError):
    """A package that only some need, and that is not installed.

    What to do: run the ``pip install`` line of the message in the notebook's environment.
    """


class JournalError(GraphcallError):
    """The journal cannot be opened, read or written.

    What to do: see the cause that the message names (room, lock, rights, server). Nothing has to be restarted: the
    listener answers 503 until the journal can be written again.
    """


class InvalidNotification(GraphcallError, ValueError):
    """A request body that is not a notification envelope.

    What to do: nothing, when strangers knock; when it is your own test, post ``{"value": [...]}`` as JSON.
    """


class TokenRejected(GraphcallError):
    """A notification's bearer token that must not be trusted; ``reason`` says why, without the token.

    What to do: compare the application and tenant of the session with those of the bot, and the clock of this
    machine. ``issuers=`` and ``openid_url=`` of ``connect()`` say whom to believe.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyTokens(GraphcallError):
    """More unknown tokens of notifications come in than are looked at; somebody floods the listener.

    What to do: nothing; whoever means it well sends again in a second. When it lasts, take another callback path.
    """


class KeysUnavailable(GraphcallError):
    """The signing keys of notifications cannot be had at the moment.

    What to do: see that this machine reaches ``openid_url``; the listener answers 503 until then.
    """


class SignInFailed(SetupError):
    """No access token could be had.

    ``code`` is Entra's own, for example ``invalid_client`` or ``AADSTS7000215``; ``remedy`` is for people.

    What to do: what ``remedy`` says.
    """

    def __init__(self, message: str, *, code: str = "", remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.code = code
        self.remedy = remedy


class TunnelError(SetupError):
    """There is no public address for notifications, or it could not be opened.

    What to do: what the message says, or another ``tunnel=``.
    """


class TunnelUnavailable(TunnelError):
    """This way to a public address cannot work here: a program, a package or a setting is missing.

    ``reasons`` holds (name, why) of each way that was looked at, where there were several; the message has a line of
    each.

    What to do: install or set what is missing, or choose another ``tunnel=``.
    """

    def __init__(self, message: str, *, reasons: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__("\n".join([message, *(f"{name}: {why}" for name, why in reasons)]))
        self.reasons = tuple(reasons)


class TunnelRefused(TunnelError):
    """The other side says no, for example to a key; trying again does not help before something is changed.

    What to do: fix the key, host key or account that the message names.
    """


class ServiceUnreachable(SetupError):
    """The service could not be asked; ``maybe_sent`` tells whether the request may have reached it all the same.

    What to do: see to the network, proxy (``HTTPS_PROXY``) or certificate authority (``ca_bundle=``). When
    ``maybe_sent``, look whether the call exists before you ask again.
    """

    def __init__(self, message: str, *, maybe_sent: bool = False) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class GraphError(GraphcallError):
    """The service answered with an error.

    What to do: what ``remedy`` says; ask Microsoft's support with ``request_id``.

    Attributes
    ----------
    status : HTTP status
    code, graph_message : ``error.code`` and ``error.message`` of Graph's error body
    request_id : Graph's ``request-id``, which Microsoft's support asks for
    client_request_id : the ``client-request-id`` that this package sent
    remedy : what to do next, in words
    """

    def __init__(
        self,
        status: int,
        code: str,
        graph_message: str,
        *,
        request_id: str = "",
        client_request_id: str = "",
        remedy: str = "",
    ) -> None:
        self.status = status
        self.code = code
        self.graph_message = graph_message
        self.request_id = request_id
        self.client_request_id = client_request_id
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{self.status} {self.code}: {self.graph_message}", self.remedy]
        if self.request_id or self.client_request_id:
            parts.append(f"(request-id {self.request_id or '-'}, client-request-id {self.client_request_id or '-'})")
        return " ".join(part for part in parts if part)


class Unauthorized(GraphError):
    """401: no token, an expired one, or one of another audience.

    What to do: check tenant, application and credential with ``session.doctor()``.
    """


class ConsentMissing(GraphError, SetupError):
    """403: the application lacks a permission; ``permission`` names those of which one is enough.

    What to do: grant one of ``permission`` in Entra, have an administrator consent, and wait some minutes for a new
    token.
    """

    permission: str = ""


class NotFound(GraphError):
    """404: no such call (or participant, or operation); calls vanish soon after they end.

    What to do: take the call's end from ``session.calls()``, and ask for operations while it lives.
    """


class Throttled(GraphError):
    """429, or 503 with Retry-After; ``retry_after`` is what the service asked to wait, in seconds.

    What to do: wait ``retry_after`` seconds and ask again. A session has done so three times before it raises this.
    """

    retry_after: float | None = None


def __dir__() -> list[str]:
    """What completion offers."""
    return [name for name, value in globals().items() if isinstance(value, type) and issubclass(value, Exception)]
