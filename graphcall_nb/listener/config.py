"""Listener configuration: address and token issuers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from .._urls import is_protected
from ..graph.clouds import GLOBAL

PATH_SECRET_BYTES = 32


def make_secret_path() -> str:
    """Return a path that cannot be guessed."""
    return f"/api/calls/{secrets.token_urlsafe(PATH_SECRET_BYTES)}"


@dataclass(frozen=True, kw_only=True)
class CallbackConfig:
    """Listener configuration: address and token issuers.

    Attributes
    ----------
    audience : application id of the bot, which tokens must be issued for
    tenant_id : tenant that tokens must name
    openid_url : URL of the OpenID document with the signing keys; https, or http on this machine
    issuers : allowed issuers of tokens
    path : path for notifications, by default a random one; a sender that knows it still needs a token
    host, port : address to listen on; port 0 selects a free one
    ca_bundle : PEM file of additional certificate authorities for the OpenID document

    Raises
    ------
    ValueError
        For an invalid path or OpenID URL.
    """

    audience: str
    tenant_id: str
    openid_url: str = GLOBAL.openid_url
    issuers: tuple[str, ...] = GLOBAL.issuers
    path: str = field(default_factory=make_secret_path, repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    ca_bundle: str | None = None

    def __post_init__(self) -> None:
        if not self.path.startswith("/") or any(mark in self.path for mark in "?# "):
            raise ValueError("The path must begin with / and contain no space, ? or #, for example /api/calls/secret.")
        if not is_protected(self.openid_url):
            raise ValueError(
                f"The OpenID URL {self.openid_url} is not https; keys from an unprotected connection can be forged. "
                "Only on this machine (127.0.0.1) may it be http."
            )
