"""How a listener shows its own doctor that it is the one who answered, without letting anything in.

The doctor posts without a token and with a number nobody can guess; the listener refuses it like everybody (401), and
its refusal carries what only somebody who knows the secret path can make of that number.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "graphcall-probe"


def echo(path: str, nonce: str) -> str:
    """What the listener at a path answers to a number.

    Examples
    --------
    >>> echo("/api/calls/secret", "1")[:8]
    '9f55b0b1'
    """
    return hmac.new(path.encode(), nonce.encode(), hashlib.sha256).hexdigest()
