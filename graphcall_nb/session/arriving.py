"""What can be done with a call that has come in: answer it, refuse it, send it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ..models import CallOptions, MediaConfig
from ..wire.given import Who
from .acting import Acting


class Arriving(Acting):
    """Actions on an incoming call; Graph waits 15 seconds for one of them, then the call has been missed."""

    def answer(
        self,
        callback_uri: str | None = None,
        *,
        accepted_modalities: Iterable[str] = ("audio",),
        media_config: MediaConfig | Mapping[str, Any] | None = None,
        participant_capacity: int | None = None,
        call_options: CallOptions | Mapping[str, Any] | None = None,
    ) -> None:
        """Answer the call (Graph's page *call: answer*).

        Parameters
        ----------
        callback_uri : where further notifications of this call shall go; the session's own by default
        accepted_modalities : any of ``"audio"``, ``"video"``, ``"videoBasedScreenSharing"``
        media_config : who handles the media; Microsoft by default (``ServiceHostedMediaConfig``)
        participant_capacity : how many participants a recording application can take (v1.0)
        call_options : incoming call options (v1.0)

        Raises
        ------
        IllegalAction
            When the call is not incoming (any more); nothing was sent.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(speed=100) as session:
        ...     ringing = session.simulator.ring("+14255550100")
        ...     call = session.wait_for_incoming(timeout=10)
        ...     call.answer()
        ...     call.wait_for("established", timeout=10)
        ...     call.call.source.label
        '+14255550100'
        """
        uri = callback_uri or self._session.callback_uri
        self._do(
            "answer",
            lambda calls: calls.answer(
                self.id,
                uri,
                accepted_modalities=accepted_modalities,
                media_config=media_config,
                participant_capacity=participant_capacity,
                call_options=call_options,
            ),
        )
        self._session._notified_at(self.id, uri)

    def reject(self, reason: Literal["none", "busy", "forbidden"] = "none", *, callback_uri: str | None = None) -> None:
        """Refuse the call (Graph's page *call: reject*).

        Parameters
        ----------
        reason : what the caller is told
        callback_uri : where further notifications of this call shall go (v1.0)

        Raises
        ------
        IllegalAction
            When the call is not incoming (any more); nothing was sent.
        """
        self._do("reject", lambda calls: calls.reject(self.id, reason, callback_uri=callback_uri))

    def redirect(
        self,
        targets: Who | Iterable[Who],
        *,
        timeout: int | None = None,
        callback_uri: str | None = None,
        target_disposition: str | None = None,
        mask_callee: bool | None = None,
        mask_caller: bool | None = None,
    ) -> None:
        """Send the call on to somebody else without answering it (Graph's page *call: redirect*).

        Parameters
        ----------
        targets
            One or several of: a user's object id, a phone number that begins with a plus, an ``Identity`` of a user,
            a ``ParticipantInfo``. Several ring at once, 25 at most.
        timeout : for how many seconds it shall ring there, 15 to 90; Graph takes 55 for one target, 60 for several
        callback_uri : where further notifications of this call shall go (v1.0)
        target_disposition, mask_callee, mask_caller : of beta only

        Raises
        ------
        IllegalAction
            When the call is not incoming (any more); nothing was sent.
        InvalidCall
            When a limit is broken; ``problems`` names the field. Nothing was sent.
        """
        self._do(
            "redirect",
            lambda calls: calls.redirect(
                self.id,
                targets,
                timeout=timeout,
                callback_uri=callback_uri,
                target_disposition=target_disposition,
                mask_callee=mask_callee,
                mask_caller=mask_caller,
            ),
        )
