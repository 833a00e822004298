"""From what a person writes (``tunnel="auto"``) to a tunnel, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._arguments import did_you_mean
from ..errors import InvalidSetting, SettingsMissing, TunnelError, TunnelUnavailable
from .base import Provider, Tunnel
from .cloudflared import Cloudflared
from .devtunnel import DevTunnel
from .jupyter import Jupyter
from .ngrok import Ngrok
from .ssh import SSH_FORM, Ssh
from .ssh_services import SERVICES, SshService
from .url import Url

Make = Callable[[str], Provider]
"""Makes a provider of what is written behind the colon."""


def _service(name: str, host_key: str) -> Provider:
    return SshService(name, host_key=host_key or None)


KINDS: dict[str, Make] = {
    "jupyter": lambda setting: Jupyter(setting or None),
    "ssh": lambda setting: Ssh.of(f"ssh:{setting}"),
    "devtunnel": DevTunnel.of,
    "cloudflared": lambda setting: Cloudflared(),
    "ngrok": lambda setting: Ngrok(setting or None),
    **{name: partial(_service, name) for name in SERVICES},
}
"""The providers that are known by a word."""

AUTOMATIC = ("jupyter", "devtunnel", "ngrok", "cloudflared")
"""What ``auto`` tries, best first: what nobody else reads, what somebody has set up here, what needs no account.

Not among them are the services that are reached by SSH: whoever uses them should know who reads his notifications."""

FORMS = (
    "'auto', an https address, 'jupyter' or 'jupyter:https://hub.example.org/user/ann/', "
    f"'{SSH_FORM}', 'devtunnel', 'devtunnel:NAME:PORT', 'cloudflared', 'ngrok', 'ngrok:DOMAIN', "
    f"{', '.join(map(repr, SERVICES))} or one of these three with ':SHA256:…', its host key"
)
"""What may be written, for messages."""

NOTHING = (
    "No tunnel can work here; pass tunnel='https://…' if you have a public address, or install cloudflared, "
    "which needs no account."
)


@dataclass(frozen=True)
class Choice:
    """A tunnel that can work, and why it was taken.

    Attributes
    ----------
    tunnel : the tunnel, not opened yet
    why : why it can work here
    others : (name, reason) of those that were looked at before and cannot
    """

    tunnel: Tunnel
    why: str
    others: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        passed = " ".join(f"Not {name}: {reason}" for name, reason in self.others)
        return f"{self.tunnel.provider.name}: {self.why} {passed}".strip()


async def choose(
    wish: str | Provider | Tunnel = "auto",
    *,
    candidates: Iterable[Provider] | None = None,
    **settings: Any,
) -> Choice:
    """The tunnel that a person wishes, or for ``auto`` the first that can work here.

    Parameters
    ----------
    wish
        ``auto``, an ``https`` address, the name of a provider with its setting behind a colon, a provider, or a tunnel.
    candidates
        What ``auto`` tries, best first; ``None`` for all that can be used without anything being given.
    settings
        ``backoff``, ``clock`` and ``sleep`` of the :class:`~graphcall_nb.tunnels.base.Tunnel`.

    Returns
    -------
    Choice

    Raises
    ------
    SettingsMissing
        When the wish cannot be understood.
    TunnelUnavailable
        When it cannot work here, or for ``auto`` when nothing can; then its ``reasons`` say why, for each way.

    Examples
    --------
    >>> import asyncio
    >>> print(asyncio.run(choose("https://bot.example.org")))
    url: You gave the address https://bot.example.org.
    """
    if wish != "auto":
        way = understood(wish)
        tunnel = way if isinstance(way, Tunnel) else Tunnel(way, **settings)
        return Choice(tunnel, await tunnel.provider.check())
    if candidates is None:
        candidates = [KINDS[name]("") for name in AUTOMATIC]
    others: list[tuple[str, str]] = []
    for provider in candidates:
        try:
            return Choice(Tunnel(provider, **settings), await provider.check(), tuple(others))
        except TunnelError as error:
            others.append((provider.name, str(error)))
    raise TunnelUnavailable(NOTHING, reasons=others)


def understood(wish: str | Provider | Tunnel) -> Provider | Tunnel:
    """The provider that a text names, for example ``https://bot.example.org``; a provider or a tunnel as it is.

    Raises
    ------
    SettingsMissing
        When the text names none.
    InvalidSetting
        When it is of another kind.

    Examples
    --------
    >>> understood("https://bot.example.org").name
    'url'
    """
    if not isinstance(wish, str):
        if not isinstance(wish, Tunnel) and not hasattr(wish, "connect"):
            raise InvalidSetting("tunnel", f"write {FORMS}; or give a provider, not {type(wish).__name__}.")
        return wish
    if wish.startswith(("https://", "http://")):
        return Url(wish)
    name, _, setting = wish.partition(":")
    try:
        return KINDS[name](setting)
    except KeyError:
        advice = did_you_mean(name, KINDS) or f"write {FORMS}."
        raise SettingsMissing(f"There is no tunnel {name!r}; {advice}") from None
