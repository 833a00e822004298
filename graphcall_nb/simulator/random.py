"""The simulator's source of randomness; a seed makes a run repeat."""

from __future__ import annotations

import random
import uuid

_SECRET_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"  # noqa: S105


class SeededRandom:
    """Independent streams of random numbers by name: the numbers of one request do not depend on other requests."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed: int | str | None = seed

    def continue_after(self, records: int) -> None:
        """Make later streams differ from those of a run that left this number of records; 0 changes nothing."""
        if records and self._seed is not None:
            self._seed = f"{self._seed} after {records}"

    def stream(self, name: str) -> random.Random:
        """Return a new generator for this name, the same in each run with the same seed."""
        if self._seed is None:
            return random.SystemRandom()
        return random.Random(f"{self._seed}/{name}")  # noqa: S311  (repeating is the purpose of a seed)


def make_guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def make_upper_hex(rng: random.Random) -> str:
    """Return 32 hexadecimal digits in upper case, the form of call ids in the beta of 2018."""
    return f"{rng.getrandbits(128):032X}"


def make_secret(rng: random.Random, length: int = 40) -> str:
    return "".join(rng.choice(_SECRET_CHARACTERS) for _ in range(length))
