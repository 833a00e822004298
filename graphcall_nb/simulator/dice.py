"""Where the simulator's randomness comes from, so that a seed makes a run repeat."""

from __future__ import annotations

import random
import uuid


class Dice:
    """Independent streams of random numbers by name: what one request draws does not disturb another."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed

    def stream(self, name: str) -> random.Random:
        """The stream of this name, from its beginning; without a seed, one that never repeats."""
        if self._seed is None:
            return random.SystemRandom()
        return random.Random(f"{self._seed}/{name}")  # noqa: S311  (repeating is what the seed is for)


def guid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def upper_hex(rng: random.Random) -> str:
    """32 hexadecimal digits, as beta's call ids are."""
    return f"{rng.getrandbits(128):032X}"


def secret(rng: random.Random, length: int = 40) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    return "".join(rng.choice(letters) for _ in range(length))
