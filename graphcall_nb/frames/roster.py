"""Who is in one call, from news of its roster that come at least once, in any order, or not at all.

A **whole** roster (Graph's usual notification, and the answer to a list of participants) says who is there: who is not
in it has left. Microsoft's pages offer news of changes alone as a feature of its own, ``isDeltaRosterEnabled``; one
example of theirs, of a mute, shows nobody but the muted, and is taken for shortened.

Any other news says of some who they are or that they left. A ``deltaParticipants`` has a sequence number and each
participant may have one, which puts news in order; news without one count as they came. A roster with a number or an
etag that comes again word for word is the same news, not new ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from .notifications import Told
from .rows import Asked, identities, json_object, text, whole


class Person(NamedTuple):
    """A participant as one piece of news describes them; ``None`` where it does not say."""

    id: str
    display_name: str | None = None
    kind: str | None = None
    muted: bool | None = None
    in_lobby: bool | None = None


class News(NamedTuple):
    """One piece of news about a roster. ``at`` in microseconds, ``order`` where two come at the same time."""

    at: int
    order: tuple[int, int]
    here: tuple[Person, ...] = ()
    gone: tuple[str, ...] = ()
    whole: bool = False
    number: int | None = None
    word: str | None = None
    """What came, where it can come again only as the same news."""


_Place: TypeAlias = tuple[int, tuple[int, int]]
_NEVER: _Place = (2**63, (0, 0))


def _place(news: News) -> _Place:
    return news.at, news.order


def _number_then_place(news: News) -> tuple[int, _Place]:
    return -1 if news.number is None else news.number, _place(news)


@dataclass(slots=True)
class Member:
    """A participant as far as is known."""

    joined_at: int | None
    display_name: str | None = None
    kind: str | None = None
    left_at: int | None = None
    muted: bool | None = None
    in_lobby: bool | None = None

    def learn(self, person: Person) -> None:
        self.display_name = self.display_name if person.display_name is None else person.display_name
        self.kind = self.kind if person.kind is None else person.kind
        self.muted = self.muted if person.muted is None else person.muted
        self.in_lobby = self.in_lobby if person.in_lobby is None else person.in_lobby


class Roster:
    """The participants of one call. :meth:`take` news, in any order, then ask for what :meth:`changed`."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self._news: list[News] = []
        self._words: set[str] = set()
        self._latest: _Place = (-(2**63), (0, 0))
        self._number = -1
        self._touched: set[str] = set()
        self._to_retell = False

    def take(self, news: News) -> None:
        self._news.append(news)
        in_order = _place(news) > self._latest and (news.number is None or news.number >= self._number)
        if in_order and not self._to_retell:
            self._tell(news, news.at)
        else:
            self._to_retell = True

    def changed(self) -> dict[str, Member]:
        """The participants of whom there was news since the last time."""
        if self._to_retell:
            self._retell()
        touched, self._touched = self._touched, set()
        return {id_: self.members[id_] for id_ in self.members if id_ in touched}

    def _retell(self) -> None:
        """Tell all news again, in order. What a later number overtook counts from then on, no later."""
        places = {id(news): _place(news) for news in self._news}
        earliest = _NEVER
        for news in sorted(self._news, key=_number_then_place, reverse=True):
            if news.number is not None:
                earliest = places[id(news)] = min(earliest, _place(news))
        in_order = sorted(self._news, key=lambda news: (places[id(news)], *_number_then_place(news)))
        self.members, self._words, self._number, self._to_retell = {}, set(), -1, False
        for news in in_order:
            self._tell(news, places[id(news)][0])
        self._touched = set(self.members)

    def _tell(self, news: News, at: int) -> None:
        self._latest = max(self._latest, _place(news))
        self._number = max(self._number, -1 if news.number is None else news.number)
        if news.word is not None:
            if news.word in self._words:
                return
            self._words.add(news.word)
        for person in news.here:
            member = self.members.setdefault(person.id, Member(at))
            member.joined_at = at if member.joined_at is None else member.joined_at
            member.left_at = None
            member.learn(person)
        self._touched.update(person.id for person in news.here)
        self._leave(news.gone, at)
        if news.whole:
            here = {person.id for person in news.here}
            self._leave([id_ for id_, member in self.members.items() if id_ not in here and not member.left_at], at)

    def _leave(self, ids: Iterable[str], at: int) -> None:
        for id_ in ids:
            member = self.members.setdefault(id_, Member(None))
            if member.left_at is None:
                member.left_at = at
                self._touched.add(id_)


def news_of_notification(told: Told) -> News | None:
    """What a notification about ``/participants`` or ``/participants/{id}`` tells."""
    data = json_object(told.raw).get("resourceData")
    number = whole(data.get("sequenceNumber")) if isinstance(data, dict) else None
    packed = data.get("participants") if isinstance(data, dict) else data
    complete = isinstance(data, list) and told.change_type == "updated"
    if told.entity == "participant":
        one = data if isinstance(data, dict) else {}
        packed = [{"id": told.resource.rstrip("/").rpartition("/")[2], **one}]
    if not isinstance(packed, list):
        return None
    people = [entry for entry in packed if isinstance(entry, dict)]
    if number is None:
        number = max((found for entry in people if (found := whole(entry.get("rosterSequenceNumber")))), default=None)
    word = told.raw if number is not None or '"@odata.etag"' in told.raw else None
    all_left = told.change_type == "deleted"
    here = [entry for entry in people if not (all_left or entry.get("removedState"))]
    gone = [id_ for entry in people if (all_left or entry.get("removedState")) and (id_ := _id(entry))]
    return News(told.at, (0, told.seq), _people(here), tuple(gone), complete, number, word)


def news_of_request(request: Asked) -> News | None:
    """What the answer to a request about participants tells."""
    path = request.below_call
    if not request.succeeded or path[:1] != ["participants"]:
        return None
    when, answer = (request.answered_at, (1, request.seq)), json_object(request.response_body)
    match request.method, path[1:]:
        case "GET", []:
            people = [entry for entry in answer.get("value") or [] if isinstance(entry, dict)]
            return News(*when, here=_people(people), whole="value" in answer and "@odata.nextLink" not in answer)
        case "GET", [id_]:
            return News(*when, here=_people([{"id": id_, **answer}]))
        case "DELETE", [id_]:
            return News(*when, gone=(id_,))
        case "POST", [id_, "mute"]:
            return News(*when, here=(Person(id_, muted=True),))
    return None


def _people(entries: Iterable[dict[str, Any]]) -> tuple[Person, ...]:
    return tuple(_person(id_, entry) for entry in entries if (id_ := _id(entry)))


def _person(id_: str, entry: dict[str, Any]) -> Person:
    muted, in_lobby = _flag(entry.get("isMuted")), _flag(entry.get("isInLobby"))
    for kind, identity in identities(_info(entry).get("identity")):
        return Person(id_, text(identity.get("displayName")) or text(identity.get("id")), kind, muted, in_lobby)
    return Person(id_, None, None, muted, in_lobby)


def _info(entry: dict[str, Any]) -> dict[str, Any]:
    info = entry.get("info")
    return info if isinstance(info, dict) else {}


def _id(entry: dict[str, Any]) -> str | None:
    """The id of a participant; where published examples have none, it is in the address of the entity, else it is the
    person's own.
    """
    if given := text(entry.get("id")):
        return given
    if address := text(entry.get("@odata.id")):
        return address.rstrip("/").rpartition("/")[2]
    info = _info(entry)
    people = (text(identity.get("id")) for _, identity in identities(info.get("identity")))
    return text(info.get("participantId")) or next(filter(None, people), None)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
