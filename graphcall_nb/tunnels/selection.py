"""Selection of a tunnel from its text form, for example ``tunnel="auto"``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .._arguments import did_you_mean
from ..errors import InvalidSetting, SettingsMissing, TunnelError, TunnelUnavailable
from .cloudflared import Cloudflared
from .devtunnel import DevTunnel
from .jupyter import Jupyter
from .ngrok import Ngrok
from .ssh import SERVICES, SSH_FORM, Ssh, SshService
from .tunnel import Provider, Tunnel
from .url import Url


def _make_service(name: str, host_key: str) -> Provider:
    return SshService(name, host_key=host_key or None)


PROVIDERS: dict[str, Callable[[str], Provider]] = {
    "jupyter": lambda setting: Jupyter(setting or None),
    "ssh": lambda setting: Ssh.parse(f"ssh:{setting}"),
    "devtunnel": DevTunnel.parse,
    "cloudflared": lambda setting: Cloudflared(),
    "ngrok": lambda setting: Ngrok(setting or None),
    **{name: partial(_make_service, name) for name in SERVICES},
}
"""Factory of each provider by name; its argument is the text after the colon."""

AUTO_PROVIDERS = ("jupyter", "devtunnel", "ngrok", "cloudflared")
"""Providers that ``auto`` tries, in this order: first the one without a third party, then those that need an account.

The services reached by SSH are left out: they read every notification, so the user has to choose them."""

FORMS = (
    "'auto', an https address, 'jupyter' or 'jupyter:https://hub.example.org/user/ann/', "
    f"'{SSH_FORM}', 'devtunnel', 'devtunnel:NAME:PORT', 'cloudflared', 'ngrok', 'ngrok:DOMAIN', "
    f"{', '.join(map(repr, SERVICES))} or one of these three with ':SHA256:…', its host key"
)
"""Accepted text forms, for error messages."""

NO_TUNNEL = (
    "No tunnel can work here; pass tunnel='https://…' if you have a public address, or install cloudflared, "
    "which needs no account."
)


@dataclass(frozen=True)
class SelectedTunnel:
    """A tunnel that can work on this machine, and the reason for its selection.

    Attributes
    ----------
    tunnel : the tunnel, not opened yet
    reason : why it can work here
    rejected : (name, reason) of each provider that was tried before and cannot work here
    """

    tunnel: Tunnel
    reason: str
    rejected: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        rejected = " ".join(f"Not {name}: {reason}" for name, reason in self.rejected)
        return f"{self.tunnel.provider.name}: {self.reason} {rejected}".strip()


async def select_tunnel(
    spec: str | Provider | Tunnel = "auto",
    *,
    candidates: Iterable[Provider] | None = None,
    **settings: Any,
) -> SelectedTunnel:
    """Return the tunnel that ``spec`` names, or for ``auto`` the first that can work on this machine.

    Parameters
    ----------
    spec : str, Provider or Tunnel
        ``auto``, an ``https`` address, the name of a provider with its setting after a colon, a provider, or a tunnel.
    candidates : iterable of Provider, optional
        Providers that ``auto`` tries, in this order; by default all that need no setting.
    **settings
        ``backoff``, ``clock`` and ``sleep`` of the :class:`~graphcall_nb.tunnels.Tunnel`.

    Raises
    ------
    SettingsMissing
        When ``spec`` does not name a tunnel.
    TunnelUnavailable
        When the tunnel cannot work here. For ``auto``, when no tunnel can; then ``reasons`` has the reason of each.

    Examples
    --------
    >>> import asyncio
    >>> print(asyncio.run(select_tunnel("https://bot.example.org")))
    url: You passed the public address https://bot.example.org.
    """
    if spec != "auto":
        parsed = parse_tunnel(spec)
        tunnel = parsed if isinstance(parsed, Tunnel) else Tunnel(parsed, **settings)
        return SelectedTunnel(tunnel, await tunnel.provider.check())
    if candidates is None:
        candidates = [PROVIDERS[name]("") for name in AUTO_PROVIDERS]
    rejected: list[tuple[str, str]] = []
    for provider in candidates:
        try:
            return SelectedTunnel(Tunnel(provider, **settings), await provider.check(), tuple(rejected))
        except TunnelError as error:
            rejected.append((provider.name, str(error)))
    raise TunnelUnavailable(NO_TUNNEL, reasons=rejected)


def parse_tunnel(spec: str | Provider | Tunnel) -> Provider | Tunnel:
    """Return the provider that a text names; a provider or a tunnel is returned as it is.

    Raises
    ------
    SettingsMissing
        When the text does not name a tunnel.
    InvalidSetting
        When ``spec`` has another type.

    Examples
    --------
    >>> parse_tunnel("https://bot.example.org").name
    'url'
    """
    if not isinstance(spec, str):
        if not isinstance(spec, Tunnel) and not hasattr(spec, "connect"):
            raise InvalidSetting("tunnel", f"expected {FORMS}; or a provider; got {type(spec).__name__}.")
        return spec
    if spec.startswith(("https://", "http://")):
        return Url(spec)
    name, _, setting = spec.partition(":")
    try:
        return PROVIDERS[name](setting)
    except KeyError:
        advice = did_you_mean(name, PROVIDERS) or f"write {FORMS}."
        raise SettingsMissing(f"Unknown tunnel {name!r}; {advice}") from None
