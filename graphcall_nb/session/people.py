"""Who is in a call, and who shall or shall not be."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Participant
from ..wire.given import Who
from .acting import Acting
from .operations import OperationHandle


class People(Acting):
    """Actions on the participants of a group or meeting call."""

    def participants(self) -> list[Participant]:
        """Who is in the call now, as the service tells it (Graph's page *List participants*).

        What the notifications told so far is in :meth:`graphcall_nb.Session.participants`.
        """
        return self._ask(lambda calls: calls.participants(self.id))

    def participant(self, participant_id: str) -> Participant:
        """One participant (Graph's page *Get participant*). Raises ``NotFound`` when nobody of that id is there."""
        return self._ask(lambda calls: calls.participant(self.id, participant_id))

    def invite(
        self,
        participants: Who | Iterable[Who],
        *,
        replaces_call_id: str | None = None,
        client_context: str | None = None,
    ) -> OperationHandle:
        """Ask somebody into the call (Graph's page *participant: invite*); for group calls that have a chat.

        Parameters
        ----------
        participants
            One to five of: a user's object id, a phone number that begins with a plus, an ``Identity`` of a user, a
            ``ParticipantInfo``.
        replaces_call_id : a call with that person, which ends when the person is in this one
        client_context : a text of 256 characters at most, to know the operation by

        Raises
        ------
        IllegalAction
            When the call is not established; nothing was sent.
        InvalidCall
            When a limit is broken; ``problems`` names the field. Nothing was sent.
        """
        return self._operate(
            "inviteParticipants",
            lambda calls: calls.invite(
                self.id, participants, replaces_call_id=replaces_call_id, client_context=client_context
            ),
        )

    def mute_participant(self, participant_id: str, *, client_context: str | None = None) -> OperationHandle:
        """Mute one participant (Graph's page *participant: mute*); a roster notification follows."""
        return self._operate(
            "muteParticipant",
            lambda calls: calls.mute_participant(self.id, participant_id, client_context=client_context),
        )

    def mute_participants(
        self, participant_ids: Iterable[str] = (), *, client_context: str | None = None
    ) -> OperationHandle:
        """Mute some participants, or all where none is named (beta's *participants: muteAll*).

        v1.0 has no such operation and raises ``IllegalAction``; :meth:`mute_participant` mutes one at a time.
        """
        return self._operate(
            "muteAll", lambda calls: calls.mute_participants(self.id, participant_ids, client_context=client_context)
        )

    def remove_participant(self, participant_id: str) -> None:
        """Take one participant out of the call (Graph's page *Delete participant*); that side is not notified."""
        self._do("removeParticipant", lambda calls: calls.remove_participant(self.id, participant_id))
