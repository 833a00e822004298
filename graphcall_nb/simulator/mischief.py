"""Does what the chosen faults say: to letters on their way to the outbox, and to requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .dice import Dice
from .outbox import Letter, Outbox, Sleep
from .refusals import GraphFault, throttled, unavailable
from .stamps import CallbackTokens

_LATE_SECONDS = 4.0
_DELAYS = (1.0, 4.0)
_BURST_SECONDS = 5.0
_SLOW_SECONDS = 3.0
_ROLLED_AT, _ROLLED_EVERY = 2, 10


class TroubledPost:
    """Takes letters as an outbox does, and passes them on with what the faults do to them."""

    def __init__(
        self,
        outbox: Outbox,
        faults: frozenset[str],
        tokens: CallbackTokens,
        *,
        dice: Dice,
        sleep: Sleep,
        speed: float,
    ) -> None:
        self._outbox = outbox
        self._faults = faults
        self._tokens = tokens
        self._rng = dice.stream("faults")
        self._sleep = sleep
        self._speed = speed
        self._taken: dict[str, int] = {}
        self._all = 0
        self._held: dict[tuple[str, str], list[Letter]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, letter: Letter) -> None:
        if "lost_terminated" in self._faults and _is_end(letter):
            self._taken.pop(letter.call_id, None)
            return
        self._roll()
        letter = self._stamped(self._late(letter))
        for copy in (letter, letter) if "duplicated" in self._faults else (letter,):
            if "burst" in self._faults:
                self._hold(copy)
            else:
                self._outbox.put(copy)

    def _roll(self) -> None:
        self._all += 1
        if "key_rollover" in self._faults and self._all >= _ROLLED_AT and (self._all - _ROLLED_AT) % _ROLLED_EVERY == 0:
            self._tokens.roll()

    def _late(self, letter: Letter) -> Letter:
        number = self._taken[letter.call_id] = self._taken.get(letter.call_id, 0) + 1
        if _is_end(letter):
            del self._taken[letter.call_id]
        if "delayed" in self._faults:
            letter = replace(letter, delay=letter.delay + self._rng.uniform(*_DELAYS) / self._speed)
        if "reordered" in self._faults and number % 2 == 1:
            # A lane of its own: those behind it overtake it.
            lane = f"{letter.call_id}/{number}"
            letter = replace(letter, lane=lane, delay=letter.delay + _LATE_SECONDS / self._speed)
        return letter

    def _stamped(self, letter: Letter) -> Letter:
        bad = [name for name in ("token_expired", "token_of_another_tenant") if name in self._faults]
        return replace(letter, stamps=(*bad, "")) if bad else letter

    def _hold(self, letter: Letter) -> None:
        key = (letter.url, letter.application_id)
        held = self._held.setdefault(key, [])
        held.append(letter)
        if len(held) == 1:
            task = asyncio.get_running_loop().create_task(self._release(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _release(self, key: tuple[str, str]) -> None:
        await self._sleep(_BURST_SECONDS / self._speed)
        first, *others = self._held.pop(key)
        items = [item for letter in (first, *others) for item in letter.body.get("value", ())]
        self._outbox.put(replace(first, body={**first.body, "value": items}) if items else first)

    async def aclose(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_end(letter: Letter) -> bool:
    """Whether it tells the end of a call."""
    items: list[Mapping[str, Any]] = letter.body.get("value", [])
    return any(item["changeType"] == "deleted" and "/operations/" not in _resource(item) for item in items)


def _resource(item: Mapping[str, Any]) -> str:
    return str(item.get("resourceUrl") or item.get("resource"))


class TroubledDesk:
    """What the faults do to requests."""

    def __init__(self, faults: frozenset[str], *, sleep: Sleep, speed: float) -> None:
        self._refusals: list[Callable[[], GraphFault]] = [
            refusal for name, refusal in (("throttled", throttled), ("unavailable", unavailable)) if name in faults
        ]
        self._slow = _SLOW_SECONDS / speed if "slow_create" in faults else 0.0
        self._cuts = "connection_reset" in faults
        self._sleep = sleep
        self._asked = 0
        self._created = 0

    def admit(self) -> None:
        """Let a request in, or refuse it: each kind of refusal in turn, then one request gets through."""
        if not self._refusals:
            return
        turn = self._asked % (len(self._refusals) + 1)
        self._asked += 1
        if turn < len(self._refusals):
            raise self._refusals[turn]()

    async def dawdle(self) -> None:
        """Take the time that a create takes."""
        if self._slow:
            await self._sleep(self._slow)

    def cuts(self) -> bool:
        """Whether the answer to this create does not arrive."""
        self._created += 1
        return self._cuts and self._created % 2 == 1
