"""A simulator of Graph's calling service: its own routes, states, bodies and tenant.

It shares no code with the client, so that both cannot be wrong in the same way. Both are held against the published
bodies instead.
"""

from .call_service import SimulatorOptions
from .faults import FAULTS
from .scenario import Scenario, Step
from .scenarios import SCENARIOS
from .simulator import Simulator

__all__ = ["FAULTS", "SCENARIOS", "Scenario", "Simulator", "SimulatorOptions", "Step"]
