"""Signing in to Microsoft Entra as an application."""

from .discovery import Discovery, discover
from .network import trusted, why_unreachable
from .sign_in import MsalAuth

__all__ = ["Discovery", "MsalAuth", "discover", "trusted", "why_unreachable"]
