"""``join_class``: a session at a seat of somebody's class, whose service and listener are on the teacher's machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..client.sign_in import MsalAuth
from ..errors import GraphcallError, InvalidSetting, ServiceUnreachable
from ..graph.versions import DEFAULT, get_version
from ..session.builder import RemoteListenerConfig, Service, assemble
from ..session.session import Session
from ..session.simulated_peer import SimulatedPeer

CARD_SECONDS = 10.0


def join_class(url: str, *, version: str = DEFAULT) -> Session:
    """Take your seat in a class: the line that your teacher gave you opens a session of your own.

    The simulated service and the listener are the teacher's; calls and notifications are yours alone.

    Parameters
    ----------
    url : the address of your seat, ``http://…/class/…``; whoever has it sits on your chair, so keep it to yourself
    version : how the service is spoken to, ``"beta"`` or ``"v1.0"``

    Returns
    -------
    Session
        As :func:`graphcall_nb.simulate` gives it.

    Raises
    ------
    InvalidSetting
        When the address is not that of a seat.
    ServiceUnreachable
        When the teacher's machine does not answer.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> gc.join_class("http://teacher:8710/class/your-seat")  # doctest: +SKIP
    <Session SIMULATED, beta: 0 calls, 0 notifications, listening at http://127.0.0.1:8710/class/notifications/…>
    """
    spoken = get_version(version)
    seat = url.strip().rstrip("/") if isinstance(url, str) else ""
    card = _card(seat)
    parts = urlsplit(seat)
    graph_url = f"{parts.scheme}://{parts.netloc}{parts.path.partition('/class/')[0]}"
    other = RemoteSimulator()

    async def open_service(stack: AsyncExitStack) -> Service:
        auth = MsalAuth(card["tenant_id"], card["client_id"], card["client_secret"], authority=graph_url)
        stack.callback(auth.close)
        other.client = await stack.enter_async_context(httpx.AsyncClient(base_url=graph_url, auth=auth))
        return Service(
            graph_url=graph_url,
            auth=auth,
            tenant_id=card["tenant_id"],
            client_id=card["client_id"],
            openid_url=f"{graph_url}/v1/.well-known/OpenIdConfiguration",
            mailbox=RemoteListenerConfig(card["callback_uri"], f"{seat}/notifications"),
            simulated=True,
            about=f"Seat {card['student']} of the class at {parts.netloc}: there is nothing to be set.",
        )

    session = assemble(open_service, version=spoken, journal=None)
    session.simulator = SimulatedPeer(session, other)
    return session


def _card(seat: str) -> Mapping[str, Any]:
    parts = urlsplit(seat)
    if parts.scheme not in ("http", "https") or "/class/" not in parts.path:
        raise InvalidSetting(
            "url", "this is no address of a seat; copy the whole line, http://…/class/…, from your teacher's list."
        )
    try:
        answer = httpx.get(seat, timeout=CARD_SECONDS)
        card = answer.json() if answer.is_success else {}
    except httpx.HTTPError as error:
        raise ServiceUnreachable(
            f"{parts.netloc} does not answer ({type(error).__name__}); ask your teacher whether the class is open, and "
            "check that you are on the same network."
        ) from None
    except ValueError:
        card = {}
    if "client_id" not in card:
        raise InvalidSetting(
            "url", f"the class at {parts.netloc} has no such seat; copy the whole line from your teacher's list."
        )
    found: Mapping[str, Any] = card
    return found


class RemoteSimulator:
    """The other side of calls, played on the teacher's machine (the simulator's routes below ``/simulator``)."""

    client: httpx.AsyncClient

    async def ring(
        self,
        callback_uri: str,
        *,
        version: str,
        caller: Mapping[str, Any] | str | None,
        modalities: Iterable[str],
        meeting: Mapping[str, Any] | None,
        legacy: bool | None,
    ) -> str:
        given = {
            "callbackUri": callback_uri,
            "version": version,
            "caller": caller,
            "modalities": list(modalities),
            "meeting": meeting,
            "legacy": legacy,
        }
        answer = await self._post(
            "/simulator/ring", {name: value for name, value in given.items() if value is not None}
        )
        return str(answer.json()["id"])

    async def press(self, call_id: str, *tones: str) -> None:
        await self._post(f"/simulator/calls/{call_id}/press", {"tones": list(tones)})

    async def hang_up(self, call_id: str) -> None:
        await self._post(f"/simulator/calls/{call_id}/hangUp", {})

    async def sent_states(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = (await self._asked("GET", "/simulator/calls")).json()
        return known

    async def _post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return await self._asked("POST", path, json=body)

    async def _asked(self, method: str, path: str, **body: Any) -> httpx.Response:
        try:
            answer = await self.client.request(method, path, **body)
        except httpx.HTTPError as error:
            raise ServiceUnreachable(f"The class does not answer ({type(error).__name__}); try again.") from None
        if answer.is_error:
            raise GraphcallError(answer.json()["error"]["message"])
        return answer
