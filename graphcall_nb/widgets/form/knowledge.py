"""What the form knows of a call: kinds of identities, media and meetings, and the words for them."""

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
"""A kind this version does not know; what was loaded is kept as it is."""

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
# In which objects these stand depends on the kind, but the base of all kinds has them: they move along.
BASE_MEMBERS = ("removeFromDefaultAudioGroup", "allowConversationWithoutHost")


def kind_of(value: Any, types: dict[str, str]) -> str:
    """Which kind of ``types`` an object is, by its ``@odata.type``: a key, ``""`` for nothing, or ``OTHER``."""
    if not isinstance(value, dict):
        return ""
    return next((kind for kind, name in types.items() if name == value.get("@odata.type")), OTHER)


def identity_kind(identities: Any, otherwise: str = "user") -> str:
    """What somebody is: the first identity in an identity set, ``otherwise`` when there is none yet."""
    members = identities.items() if isinstance(identities, dict) else ()
    return next((kind for kind, value in members if isinstance(value, dict) and not kind.startswith("@")), otherwise)
