"""Faults: a catalogue of them as data, and their injection into notifications and requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .._arguments import as_list, require_choice, require_type
from .delivery import Delivery, DeliveryQueue, Sleep
from .errors import GraphError, throttled, unavailable
from .random import SeededRandom
from .tokens import NotificationTokens
from .virtual_time import CreateTask, create_task

_REORDER_SECONDS = 4.0
_DELAY_SECONDS = (1.0, 4.0)
_BURST_SECONDS = 5.0
_SLOW_CREATE_SECONDS = 3.0
_FIRST_ROTATION, _ROTATION_INTERVAL = 2, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault.

    Attributes
    ----------
    description, teaches : str
        One line each: the fault, and the lesson for a developer.
    where : str
        Whether it concerns notifications, requests, or the tokens of notifications.
    codes : tuple of int
        HTTP statuses that it causes, on either side.
    """

    description: str
    teaches: str
    where: Literal["notifications", "requests", "tokens"]
    codes: tuple[int, ...] = ()


FaultName = Literal[
    "duplicated",
    "reordered",
    "delayed",
    "lost_terminated",
    "burst",
    "legacy_first",
    "token_expired",
    "token_of_another_tenant",
    "token_short_lived",
    "key_rollover",
    "throttled",
    "unavailable",
    "slow_create",
    "connection_reset",
]
"""Names of the faults."""

FAULTS: Mapping[FaultName, Fault] = {
    "duplicated": Fault(
        description="Every notification is sent twice.",
        teaches="Delivery is at least once: handling a notification twice must do no harm.",
        where="notifications",
    ),
    "reordered": Fault(
        description="Every other notification is four seconds late, so it arrives after the next one.",
        teaches="Microsoft's page says that establishing and established may arrive out of order. Ignore their order.",
        where="notifications",
    ),
    "delayed": Fault(
        description="Every notification is one to four seconds late.",
        teaches="A response of the service and the latest notification may disagree for a while.",
        where="notifications",
    ),
    "lost_terminated": Fault(
        description="The last notification of a call, terminated, is never sent.",
        teaches="A call that you think is live may have ended: get it (404), or give up after keepAlive fails.",
        where="notifications",
    ),
    "burst": Fault(
        description="Notifications are held back for five seconds and then sent many in one request.",
        teaches="value is an array: read all of it, and respond quickly, since more will follow.",
        where="notifications",
    ),
    "legacy_first": Fault(
        description="The first notification of an incoming call has the format from before Graph.",
        teaches="Respond 204 to any other format, and the notification is sent again in Graph's.",
        where="notifications",
        codes=(204,),
    ),
    "token_expired": Fault(
        description="Each notification is first sent with a token that has expired, then with a fresh one.",
        teaches="Check exp, respond 401, and ignore the body of a refused request.",
        where="tokens",
        codes=(401,),
    ),
    "token_of_another_tenant": Fault(
        description="Each notification is first sent with a token of another tenant, then with a valid one.",
        teaches="A valid signature is not enough: compare tid with your tenant and aud with your application.",
        where="tokens",
        codes=(401,),
    ),
    "token_short_lived": Fault(
        description="A token is valid for 300 seconds, as in the one token that was published whole.",
        teaches="Do not cache a token longer than its exp, and allow for a difference of the clocks.",
        where="tokens",
    ),
    "key_rollover": Fault(
        description="After the second notification, and every ten from then on, a new key is published and then used.",
        teaches="An unknown kid means: fetch the keys again before you refuse.",
        where="tokens",
    ),
    "throttled": Fault(
        description="Every other request gets a 429 with Retry-After: 1.",
        teaches="Wait as long as Retry-After says and retry; the request was not processed.",
        where="requests",
        codes=(429,),
    ),
    "unavailable": Fault(
        description="Every other request gets a 503 with Retry-After: 1.",
        teaches="Retry a 503 with Retry-After like a 429; without it, the request may have been processed.",
        where="requests",
        codes=(503,),
    ),
    "slow_create": Fault(
        description="The response to a create is three seconds late.",
        teaches="A timeout on your side does not mean that no call was placed.",
        where="requests",
    ),
    "connection_reset": Fault(
        description="The response to every other create is dropped, although the call was created.",
        teaches="Do not repeat a create that may have arrived, or two phones ring.",
        where="requests",
    ),
}
"""The faults by name."""


def check_faults(names: str | Iterable[str]) -> frozenset[str]:
    """Return the names as a set. Raise ``ValueError`` with all names for an unknown one."""
    require_type("faults", names, Iterable, "the name of a fault, or several")
    return frozenset(require_choice("fault", name, FAULTS) for name in as_list(names))


class NotificationFaults:
    """Queues deliveries like a :class:`~graphcall_nb.simulator.delivery.DeliveryQueue`, changed by the faults."""

    def __init__(
        self,
        queue: DeliveryQueue,
        faults: frozenset[str],
        tokens: NotificationTokens,
        *,
        random: SeededRandom,
        sleep: Sleep,
        create_task: CreateTask = create_task,
        speed: float,
    ) -> None:
        self._queue = queue
        self._faults = faults
        self._tokens = tokens
        self._rng = random.stream("faults")
        self._sleep = sleep
        self._create_task = create_task
        self._speed = speed
        self._counts: dict[str, int] = {}
        self._total = 0
        self._held: dict[tuple[str, str], list[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def tracked_calls(self) -> frozenset[str]:
        """Ids of the calls whose notifications are counted."""
        return frozenset(self._counts)

    def set_faults(self, faults: frozenset[str]) -> None:
        """Replace the faults of the notifications to come."""
        self._faults = faults
        if not faults:
            self._counts.clear()

    def enqueue(self, delivery: Delivery) -> None:
        """Queue a delivery, late, twice, with a bad token or not at all."""
        if not self._faults:
            self._queue.enqueue(delivery)
            return
        if "lost_terminated" in self._faults and _is_end(delivery):
            self._counts.pop(delivery.call_id, None)
            return
        self._rotate_key()
        delivery = self._add_token_faults(self._delay(delivery))
        for copy in (delivery, delivery) if "duplicated" in self._faults else (delivery,):
            if "burst" in self._faults:
                self._hold(copy)
            else:
                self._queue.enqueue(copy)

    def _rotate_key(self) -> None:
        self._total += 1
        since_first = self._total - _FIRST_ROTATION
        if "key_rollover" in self._faults and since_first >= 0 and since_first % _ROTATION_INTERVAL == 0:
            self._tokens.rotate_key()

    def _delay(self, delivery: Delivery) -> Delivery:
        number = self._counts[delivery.call_id] = self._counts.get(delivery.call_id, 0) + 1
        if _is_end(delivery):
            del self._counts[delivery.call_id]
        if "delayed" in self._faults:
            seconds = self._rng.uniform(*_DELAY_SECONDS) / self._speed
            delivery = replace(delivery, delay=delivery.delay + seconds)
        if "reordered" in self._faults and number % 2 == 1:
            # A queue of its own, so that the next notification overtakes it.
            delivery = replace(
                delivery,
                queue_key=f"{delivery.call_id}/{number}",
                delay=delivery.delay + _REORDER_SECONDS / self._speed,
            )
        return delivery

    def _add_token_faults(self, delivery: Delivery) -> Delivery:
        faults = [name for name in ("token_expired", "token_of_another_tenant") if name in self._faults]
        return replace(delivery, token_faults=(*faults, "")) if faults else delivery

    def _hold(self, delivery: Delivery) -> None:
        key = (delivery.url, delivery.application_id)
        held = self._held.setdefault(key, [])
        held.append(delivery)
        if len(held) == 1:
            task = self._create_task(self._release(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _release(self, key: tuple[str, str]) -> None:
        await self._sleep(_BURST_SECONDS / self._speed)
        first, *others = self._held.pop(key)
        items = [item for each in (first, *others) for item in each.body.get("value", ())]
        self._queue.enqueue(replace(first, body={**first.body, "value": items}) if items else first)

    async def aclose(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_end(delivery: Delivery) -> bool:
    """Return whether it notifies of the end of a call."""
    items: list[Mapping[str, Any]] = delivery.body.get("value", [])
    return any(item["changeType"] == "deleted" and "/operations/" not in _get_resource(item) for item in items)


def _get_resource(item: Mapping[str, Any]) -> str:
    return str(item.get("resourceUrl") or item.get("resource"))


class RequestFaults:
    """The effect of the faults on requests."""

    def __init__(self, faults: frozenset[str], *, sleep: Sleep, speed: float) -> None:
        self._sleep = sleep
        self._speed = speed
        self.set_faults(faults)

    def set_faults(self, faults: frozenset[str]) -> None:
        """Replace the faults of the requests to come."""
        self._errors: list[Callable[[], GraphError]] = [
            error for name, error in (("throttled", throttled), ("unavailable", unavailable)) if name in faults
        ]
        self._delay_seconds = _SLOW_CREATE_SECONDS / self._speed if "slow_create" in faults else 0.0
        self._drops = "connection_reset" in faults
        self._request_count = 0
        self._create_count = 0

    def check(self) -> None:
        """Raise ``GraphError`` for a request that is refused: each kind of error in turn, then one request passes."""
        if not self._errors:
            return
        turn = self._request_count % (len(self._errors) + 1)
        self._request_count += 1
        if turn < len(self._errors):
            raise self._errors[turn]()

    async def delay(self) -> None:
        """Wait before the response to a create."""
        if self._delay_seconds:
            await self._sleep(self._delay_seconds)

    def drops_response(self) -> bool:
        """Return whether the response to this create is dropped."""
        self._create_count += 1
        return self._drops and self._create_count % 2 == 1
