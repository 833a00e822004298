"""What can be made to go wrong, as data: by name, combinable, each with what it teaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .._arguments import require_choice, require_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes
    ----------
    description : in one line
    teaches : what a developer learns from it
    where : on the way of notifications to the bot, of requests to the service, or with what signs notifications
    codes : the HTTP statuses that it brings about, on either side
    """

    description: str
    teaches: str
    where: Literal["notifications", "requests", "tokens"]
    codes: tuple[int, ...] = ()


FAULTS: Mapping[str, Fault] = {
    "duplicated": Fault(
        description="Every notification is sent twice.",
        teaches="Nobody promises that a notification comes once: what you do on one must be fit to be done twice.",
        where="notifications",
    ),
    "reordered": Fault(
        description="Every other notification is four seconds late and so comes after the next.",
        teaches="Microsoft's page says that establishing and established may arrive out of order. Do not count steps.",
        where="notifications",
    ),
    "delayed": Fault(
        description="Every notification is one to four seconds late.",
        teaches="The service's answer to a request and what you were told before may disagree for a while.",
        where="notifications",
    ),
    "lost_terminated": Fault(
        description="The last notification of a call, terminated, never comes.",
        teaches="A call that you think is live may be gone: ask for it (404), or give up after keepAlive fails.",
        where="notifications",
    ),
    "burst": Fault(
        description="Notifications are held back and come five seconds later, many in one request.",
        teaches="value is an array: read all of it, and answer quickly, for the next is coming.",
        where="notifications",
    ),
    "legacy_first": Fault(
        description="An incoming call is told first in the format from before Graph.",
        teaches="Answer 204 to what is no notification of Graph, and it comes again in Graph's format.",
        where="notifications",
        codes=(204,),
    ),
    "token_expired": Fault(
        description="Each notification is first sent with a token that has expired, then with a fresh one.",
        teaches="Check exp, refuse with 401, and take nothing over from what you refused.",
        where="tokens",
        codes=(401,),
    ),
    "token_of_another_tenant": Fault(
        description="Each notification is first sent with a token of another tenant, then with a right one.",
        teaches="A good signature is not enough: compare tid with your tenant and aud with your application.",
        where="tokens",
        codes=(401,),
    ),
    "key_rollover": Fault(
        description="After the second notification, and every ten from then on, a new key is published and then signs.",
        teaches="A kid that you do not know is a reason to fetch the keys again, not to refuse.",
        where="tokens",
    ),
    "throttled": Fault(
        description="Every other request is answered 429 with Retry-After: 1.",
        teaches="Wait as long as Retry-After says and send it again; nothing was done.",
        where="requests",
        codes=(429,),
    ),
    "unavailable": Fault(
        description="Every other request is answered 503 with Retry-After: 1.",
        teaches="With Retry-After a 503 can be sent again like a 429; without it nobody knows what was done.",
        where="requests",
        codes=(503,),
    ),
    "slow_create": Fault(
        description="The answer to a create comes three seconds late.",
        teaches="A timeout on your side does not mean that no call was placed.",
        where="requests",
    ),
    "connection_reset": Fault(
        description="The answer to every other create is cut off, although the call was placed.",
        teaches="Do not repeat a create that may have arrived, or two phones ring.",
        where="requests",
    ),
}
"""The faults by name."""


def chosen(names: Iterable[str]) -> frozenset[str]:
    """These faults, checked; ``ValueError`` says which there are."""
    names = require_type("faults", names, Iterable, "the name of a fault, or several")
    return frozenset(require_choice("fault", name, FAULTS) for name in ((names,) if isinstance(names, str) else names))
