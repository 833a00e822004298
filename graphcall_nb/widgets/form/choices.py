"""The choices of a form: kinds of identities, media and meetings, with their labels."""

from __future__ import annotations

from typing import Any

IDENTITY_KINDS = {
    "user": "User",
    "phone": "Phone",
    "application": "Application",
    "applicationInstance": "Application instance",
    "guest": "Guest",
    "device": "Device",
    "encrypted": "Encrypted",
}
SOURCE_KINDS = ("application", "applicationInstance", "user")
ID_HINTS = {
    "user": "Object id of the user",
    "phone": "+14255550100",
    "application": "Client id of the application",
    "applicationInstance": "Object id of the application instance",
}
MEDIA_TYPES = {
    "service": "#microsoft.graph.serviceHostedMediaConfig",
    "app": "#microsoft.graph.appHostedMediaConfig",
    "none": "#microsoft.graph.noMediaConfig",
}
MEDIA_KINDS = {
    "": "Not sent",
    "service": "Service hosted",
    "app": "App hosted",
    "none": "No media",
}
MEETING_TYPES = {
    "organizer": "#microsoft.graph.organizerMeetingInfo",
    "token": "#microsoft.graph.tokenMeetingInfo",
    "joinMeetingId": "#microsoft.graph.joinMeetingIdMeetingInfo",
}
MEETING_KINDS = {
    "": "No meeting",
    "organizer": "By organizer",
    "token": "By token",
    "joinMeetingId": "By meeting id",
}
OTHER = "other"
"""A kind that the form does not offer; a loaded value is kept as it is."""

MODALITIES = {
    "audio": "Audio",
    "video": "Video",
    "videoBasedScreenSharing": "Screen sharing",
    "data": "Data",
}
POLICIES = {
    "noMissedCall": "No missed call",
    "disableForwarding": "No forwarding",
    "disableForwardingExceptPhone": "Forward to phones only",
    "preferSkypeForBusiness": "Skype for Business first",
}
# Members that all kinds of an object share: they are kept when the kind changes.
SHARED_MEMBERS = ("removeFromDefaultAudioGroup", "allowConversationWithoutHost")


def find_kind(value: Any, types: dict[str, str]) -> str:
    """Return the kind of an object by its ``@odata.type``: a key of ``types``, ``""`` for none, or ``OTHER``."""
    if not isinstance(value, dict):
        return ""
    return next((kind for kind, name in types.items() if name == value.get("@odata.type")), OTHER)


def find_identity_kind(identities: Any, default: str = "user") -> str:
    """Return the kind of the first identity in an identity set, ``default`` for an empty one."""
    members = identities.items() if isinstance(identities, dict) else ()
    return next((kind for kind, value in members if isinstance(value, dict) and not kind.startswith("@")), default)
