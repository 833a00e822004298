"""A simulator of Graph's calling service: its own routes, states, bodies and tenant.

It shares no code with the client, so that both cannot be wrong in the same way. Both are held against the published
bodies instead.
"""

from .call_service import SimulatorOptions
from .faults import FAULTS, FaultName
from .scenario import Scenario, Step
from .scenarios import SCENARIOS, ScenarioName
from .simulator import Simulator

__all__ = ["FAULTS", "SCENARIOS", "FaultName", "Scenario", "ScenarioName", "Simulator", "SimulatorOptions", "Step"]
