"""Tunnels: a public URL that leads to the listener on this machine.

``Tunnel(provider)`` opens, watches and reopens a connection; :func:`select_tunnel` selects a provider and says why.
"""

from __future__ import annotations

from .cloudflared import Cloudflared
from .devtunnel import DevTunnel
from .jupyter import Jupyter
from .ngrok import Ngrok
from .selection import SelectedTunnel, parse_tunnel, select_tunnel
from .ssh import Ssh, SshService
from .tunnel import Connection, Provider, Tunnel, TunnelState, TunnelStatus
from .url import Url, normalize_public_url

__all__ = [
    "Cloudflared",
    "Connection",
    "DevTunnel",
    "Jupyter",
    "Ngrok",
    "Provider",
    "SelectedTunnel",
    "Ssh",
    "SshService",
    "Tunnel",
    "TunnelState",
    "TunnelStatus",
    "Url",
    "normalize_public_url",
    "parse_tunnel",
    "select_tunnel",
]
