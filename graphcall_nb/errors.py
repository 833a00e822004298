"""Errors that this package raises.

::

    GraphcallError
    ├── InvalidCall            a call, or text for a call, that cannot be read
    ├── IllegalAction          an action that the state of the call or the version of the API does not allow
    ├── Timeout                a wait that took too long (also a TimeoutError)
    ├── CallEnded              a wait for a state that the call can no longer reach
    ├── SetupError             a problem of settings, sign-in or network
    │   ├── SettingsMissing    required settings are missing
    │   ├── InvalidSetting     a setting with an invalid value
    │   ├── SignInFailed       Microsoft Entra did not issue an access token
    │   ├── TunnelError        a public URL for notifications cannot be opened
    │   │   ├── TunnelUnavailable  a program, a package or a setting of the tunnel is missing
    │   │   └── TunnelRefused      the tunnel's server refuses the connection (key, host key, account)
    │   └── ServiceUnreachable the service did not answer
    ├── SessionClosed          a method of a closed session
    ├── ReadOnly               a request from a session that only reads a journal
    ├── ExtraMissing           an optional package that is not installed (also an ImportError)
    ├── JournalError           the journal cannot be opened, read or written
    ├── InvalidNotification    a request body that is not a notification envelope
    ├── TokenRejected          the bearer token of a notification is not valid
    ├── TooManyTokens          too many unknown tokens per second
    ├── KeysUnavailable        the signing keys of notifications cannot be fetched
    └── GraphError             the service answered with an error
        ├── Unauthorized       401
        ├── ConsentMissing     403, a permission is missing (also a SetupError)
        ├── NotFound           404
        └── Throttled          429, or 503 with Retry-After

Each message ends with what to do next. No message, argument or ``repr`` of these errors contains a secret or a token.
"""

from __future__ import annotations

from collections.abc import Sequence


class GraphcallError(Exception):
    """Base class of all errors of this package.

    What to do: catch it to catch all of them; the message has the details.
    """


class InvalidCall(GraphcallError, ValueError):
    """A call that cannot be built, or text that cannot be read as a call.

    What to do: correct the fields in ``problems``; for text, see ``line`` and ``column``.

    Attributes
    ----------
    problems : tuple of (str, str)
        Path of a field in Graph's names, such as ``targets[0].identity``, and advice on how to correct it.
    line, column : int or None
        Position of the error in a text, from 1.
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
    """An action that the state of the call, or the version of the API, does not allow; nothing was sent.

    What to do: wait for a state that allows it (``call.wait_for``), or use a version that has it; the message names
    them.
    """


class Timeout(GraphcallError, TimeoutError):
    """A wait that took longer than its ``timeout``.

    What to do: wait longer with ``timeout=``. If no notification arrives at all, see ``session.listener`` and run
    ``session.doctor()``.
    """


class CallEnded(GraphcallError):
    """A wait for a state that the call can no longer reach, because it has ended.

    What to do: see the reason in ``session.calls()["result"]``, and create the call again.
    """


class SetupError(GraphcallError):
    """A problem of settings, sign-in or network.

    A notebook shows the message without a traceback, because the cause is not in the code.

    What to do: follow the message; ``graphcall-nb doctor`` finds the first problem.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class SettingsMissing(SetupError):
    """Required settings that are missing; ``missing`` holds their names.

    What to do: give each as a parameter, an environment variable or a line of a ``.env`` file.
    """

    def __init__(self, message: str, *, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.missing = tuple(missing)


class InvalidSetting(SetupError, ValueError):
    """A setting with an invalid value; ``setting`` is its name.

    What to do: correct the setting; the message describes the valid values.
    """

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(f"{setting}: {message}")
        self.setting = setting


class SessionClosed(GraphcallError):
    """A method of a closed session.

    What to do: open a new session with ``simulate()`` or ``connect()``; with the same ``journal=`` it has the same
    frames.
    """

    def __init__(
        self, message: str = "This session is closed; make a new one with graphcall_nb.simulate() or connect()."
    ) -> None:
        super().__init__(message)


class ReadOnly(GraphcallError):
    """A request from a session that only reads a journal; nothing was sent.

    What to do: open a session with ``simulate()`` or ``connect()`` and send the request there.
    """


class ExtraMissing(GraphcallError, ImportError):
    """An optional package that is not installed.

    What to do: run the ``pip install`` command of the message in the environment of the notebook.
    """


class JournalError(GraphcallError):
    """The journal cannot be opened, read or written.

    What to do: remove the cause in the message (disk space, lock, permissions, server). A restart is not needed: the
    listener answers 503 until the journal can be written again.
    """


class VerificationFailed(GraphcallError, AssertionError):
    """A simulator did not receive the requests that a test expects.

    What to do: compare the nearest request in the message with the expected one; ``session.simulator.requests()`` lists
    all of them.
    """


class InvalidNotification(GraphcallError, ValueError):
    """A request body that is not a notification envelope.

    What to do: nothing, if the sender is unknown. In a test of your own, post ``{"value": [...]}`` as JSON.
    """


class TokenRejected(GraphcallError):
    """The bearer token of a notification is not valid; ``reason`` says why, without the token.

    What to do: compare the application and tenant of the session with those of the bot, and check the clock of this
    machine. ``issuers=`` and ``openid_url=`` of ``connect()`` select the trusted issuers.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyTokens(GraphcallError):
    """Too many unknown tokens per second; a sender may be flooding the listener.

    What to do: nothing; legitimate senders retry after one second. If it continues, use another callback path.
    """


class KeysUnavailable(GraphcallError):
    """The signing keys of notifications cannot be fetched at present.

    What to do: check that this machine can reach ``openid_url``; the listener answers 503 until then.
    """


class SignInFailed(SetupError):
    """Microsoft Entra did not issue an access token.

    What to do: follow ``remedy``.

    Attributes
    ----------
    code : str
        Entra's error code, for example ``invalid_client`` or ``AADSTS7000215``.
    remedy : str
        Advice in words.
    """

    def __init__(self, message: str, *, code: str = "", remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.code = code
        self.remedy = remedy


class TunnelError(SetupError):
    """A public URL for notifications is missing or cannot be opened.

    What to do: follow the message, or choose another ``tunnel=``.
    """


class TunnelUnavailable(TunnelError):
    """A tunnel cannot be used on this machine: a program, a package or a setting is missing.

    If several tunnels were tried, ``reasons`` holds the name and the reason of each; the message has a line for each.

    What to do: install the program or package, add the setting, or choose another ``tunnel=``.
    """

    def __init__(self, message: str, *, reasons: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__("\n".join([message, *(f"{name}: {why}" for name, why in reasons)]))
        self.reasons = tuple(reasons)


class TunnelRefused(TunnelError):
    """The tunnel's server refuses the connection, for example because of the key; a retry does not help.

    What to do: correct the key, host key or account in the message.
    """


class ServiceUnreachable(SetupError):
    """The service did not answer; ``maybe_sent`` is true if the request may have reached it.

    What to do: check network, proxy (``HTTPS_PROXY``) and certificate authority (``ca_bundle=``). If ``maybe_sent``,
    check whether the call exists before you retry.
    """

    def __init__(self, message: str, *, maybe_sent: bool = False) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class GraphError(GraphcallError):
    """The service answered with an error.

    What to do: follow ``remedy``, or give ``request_id`` to Microsoft's support.

    Attributes
    ----------
    status : int
        HTTP status.
    code, graph_message : str
        ``error.code`` and ``error.message`` of Graph's error body.
    request_id : str
        Graph's ``request-id``.
    client_request_id : str
        The ``client-request-id`` that this package sent.
    remedy : str
        Advice in words.
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
    """401: the token is missing, has expired, or is for another audience.

    What to do: check tenant, application and credential with ``session.doctor()``.
    """


class ConsentMissing(GraphError, SetupError):
    """403: the application lacks a permission; ``permission`` names the alternatives.

    What to do: add one of the permissions in Microsoft Entra, let an administrator consent, and wait some minutes for
    a new token.
    """

    permission: str = ""


class NotFound(GraphError):
    """404: the call, participant or operation does not exist; the service removes calls soon after they end.

    What to do: read the end of the call in ``session.calls()``, and request operations while the call exists.
    """


class Throttled(GraphError):
    """429, or 503 with ``Retry-After``; ``retry_after`` is its value in seconds.

    What to do: wait ``retry_after`` seconds and retry. A session has retried three times before it raises this error.
    """

    retry_after: float | None = None


def __dir__() -> list[str]:
    """Return the names of the errors, for completion."""
    return [name for name, value in globals().items() if isinstance(value, type) and issubclass(value, Exception)]
