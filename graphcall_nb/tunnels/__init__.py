"""Ways to a public address for notifications, behind one small protocol.

``Tunnel(provider)`` opens, watches and reopens; :func:`choose` picks a provider and says why.
"""

from __future__ import annotations

from .backoff import Backoff
from .base import Link, Provider, Tunnel
from .choose import Choice, choose, understood
from .cloudflared import Cloudflared
from .devtunnel import DevTunnel
from .jupyter import Jupyter
from .ngrok import Ngrok
from .ssh import Ssh
from .ssh_services import SshService
from .status import State, Status, without_path
from .url import Url, public_url

__all__ = [
    "Backoff",
    "Choice",
    "Cloudflared",
    "DevTunnel",
    "Jupyter",
    "Link",
    "Ngrok",
    "Provider",
    "Ssh",
    "SshService",
    "State",
    "Status",
    "Tunnel",
    "Url",
    "choose",
    "public_url",
    "understood",
    "without_path",
]
