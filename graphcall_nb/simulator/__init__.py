"""An embedded simulator of Graph's calling service: its own routes, bodies and tenant, nothing shared with the client.

If it shared code with the client, both could be wrong together. Both are held against the published bodies instead.
"""

from .exchange import Manner
from .faults import FAULTS
from .fleet import MIX, Fleet, Sent
from .scenarios import SCENARIOS
from .service import Simulator

__all__ = ["FAULTS", "MIX", "SCENARIOS", "Fleet", "Manner", "Sent", "Simulator"]
