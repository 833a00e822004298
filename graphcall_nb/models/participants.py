"""Who is in a call, as Graph's roster tells it."""

from __future__ import annotations

from .base import Code, Flag, Resource, Text, Whole
from .parts import IdentitySet, ParticipantInfo


class MediaStream(Resource):
    """One stream of a participant; ``direction`` is ``inactive``, ``sendOnly``, ``receiveOnly`` or ``sendReceive``."""

    direction: Text | None = None
    label: Text | None = None
    media_type: Text | None = None
    server_muted: Flag | None = None
    source_id: Code | None = None


class RecordingInfo(Resource):
    """Whether and by whom it is recorded; beta names the two fields ``status`` and ``initiatedBy``."""

    initiator: IdentitySet | None = None
    recording_status: Text | None = None
    initiated_by: ParticipantInfo | None = None
    status: Text | None = None


class Participant(Resource):
    """One participant of a call.

    Examples
    --------
    >>> Participant.from_json_dict({"id": "1", "isMuted": True, "info": {"identity": {"user": {"id": "550f"}}}})
    <Participant 1: 550f, muted>
    """

    id: Text | None = None
    info: ParticipantInfo | None = None
    is_in_lobby: Flag | None = None
    is_muted: Flag | None = None
    media_streams: list[MediaStream] | None = None
    metadata: Text | None = None
    recording_info: RecordingInfo | None = None
    roster_sequence_number: Whole | None = None

    def __repr__(self) -> str:
        told = [(self.info.label if self.info else "") or "?"]
        told += [word for word, holds in (("muted", self.is_muted), ("in the lobby", self.is_in_lobby)) if holds]
        return f"<Participant {self.id}: {', '.join(told)}>"

    __str__ = __repr__
