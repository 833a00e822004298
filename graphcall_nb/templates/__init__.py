"""Ready calls: the eight of Graph's *Create call* page, and joining by meeting id or token.

Each function returns a fresh :class:`~graphcall_nb.Call`. With its defaults it is, field for field, the body of the
page; each part of it is a parameter. ``ALL`` holds them with title, description and the permission they need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..models import Call
from ..slips import no_such
from .meetings import group_call, join_by_token, join_channel_meeting, join_meeting_id, join_private_meeting, meet_now
from .parts import EXAMPLE_CALLBACK_URI, Target
from .peers import peer_to_peer, peer_to_peer_app_hosted, pstn, simultaneous_ring

__all__ = [
    "ALL",
    "DOCUMENTED",
    "EXAMPLE_CALLBACK_URI",
    "Target",
    "Template",
    "group_call",
    "join_by_token",
    "join_channel_meeting",
    "join_meeting_id",
    "join_private_meeting",
    "meet_now",
    "peer_to_peer",
    "peer_to_peer_app_hosted",
    "pstn",
    "simultaneous_ring",
]


@dataclass(frozen=True)
class Template:
    """A ready call: what to show in a picker, and how to build it."""

    name: str
    title: str
    description: str
    permission: str
    build: Callable[..., Call] = field(repr=False)


ALL: dict[str, Template] = {
    template.name: template
    for template in (
        Template(
            "peer_to_peer",
            "Peer to peer",
            "Call one Teams user. Microsoft handles the media; two sounds are fetched beforehand.",
            "Calls.Initiate.All",
            peer_to_peer,
        ),
        Template(
            "peer_to_peer_app_hosted",
            "Peer to peer, own media",
            "Call one Teams user. The application handles the media itself.",
            "Calls.Initiate.All and Calls.AccessMedia.All",
            peer_to_peer_app_hosted,
        ),
        Template("pstn", "Phone", "Call a phone number.", "Calls.Initiate.All", pstn),
        Template(
            "simultaneous_ring",
            "Simultaneous ring",
            "Ring a user and a phone at once; who answers first has the call.",
            "Calls.Initiate.All",
            simultaneous_ring,
        ),
        Template(
            "group_call",
            "Group call",
            "Call several people into a meeting.",
            "Calls.InitiateGroupCall.All",
            group_call,
        ),
        Template("meet_now", "Meet now", "Start the meeting of a chat.", "Calls.JoinGroupCall.All", meet_now),
        Template(
            "join_private_meeting",
            "Join a private meeting",
            "Join a scheduled meeting known by its chat and organizer.",
            "Calls.JoinGroupCall.All",
            join_private_meeting,
        ),
        Template(
            "join_channel_meeting",
            "Join a channel meeting",
            "Join a meeting announced by a post in a channel.",
            "Calls.JoinGroupCall.All",
            join_channel_meeting,
        ),
        Template(
            "join_meeting_id",
            "Join by meeting id",
            "Join a meeting by the number and passcode in its invitation.",
            "Calls.JoinGroupCall.All",
            join_meeting_id,
        ),
        Template(
            "join_by_token",
            "Join by token",
            "Join a meeting by a token that its service gave out.",
            "Calls.JoinGroupCall.All",
            join_by_token,
        ),
    )
}

DOCUMENTED: tuple[str, ...] = tuple(ALL)[:8]
"""The names of the eight calls of Graph's *Create call* page, in its order."""


def __dir__() -> list[str]:
    return [*__all__]


if not TYPE_CHECKING:  # a type checker is to find the slip by itself

    def __getattr__(name: str) -> Any:
        raise AttributeError(no_such("template", name, __all__))
