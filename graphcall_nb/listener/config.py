"""Where a listener listens, and whom it believes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .._urls import is_loopback
from ..graph.clouds import GLOBAL


def _unguessable() -> str:
    return f"/api/calls/{secrets.token_urlsafe(32)}"


@dataclass(frozen=True, kw_only=True)
class CallbackConfig:
    """Where a listener listens, and whom it believes.

    Attributes
    ----------
    audience : application id of the bot, for which tokens must be
    tenant_id : the tenant that tokens must name
    openid_url : where the keys of tokens are announced; https, or http on this machine
    issuers : who may issue tokens
    path : where notifications are posted; by default one that nobody can guess. Who knows it still needs a token.
    host, port : the address to listen on; port 0 takes a free one
    ca_bundle : a PEM file of authorities to believe besides the usual ones when the keys are asked for

    Raises
    ------
    ValueError
        For a path or an OpenID URL that cannot be used.
    """

    audience: str
    tenant_id: str
    openid_url: str = GLOBAL.openid_url
    issuers: tuple[str, ...] = GLOBAL.issuers
    path: str = field(default_factory=_unguessable, repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    ca_bundle: str | None = None

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or any(mark in self.path for mark in "?# "):
            raise ValueError("The path must begin with / and hold no blank, ? or #, for example /api/calls/secret.")
        if not (_is(self.openid_url, "https") or (_is(self.openid_url, "http") and self.openid_is_here)):
            raise ValueError(
                f"The OpenID URL {self.openid_url} is not https; keys that come unprotected could be anybody's. "
                "Only on this machine (127.0.0.1) may it be http."
            )

    @property
    def openid_is_here(self) -> bool:
        """Whether the keys come from this machine, as those of the simulator do."""
        return is_loopback(self.openid_url)


def _is(url: str, scheme: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == scheme and bool(parts.hostname)
