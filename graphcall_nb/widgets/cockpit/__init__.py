"""The cockpit of a session: form, calls with their actions, live timeline, notifications, health.

``tables`` turns journal rows into table rows, ``call_actions`` lists the buttons, ``status`` is the bar at the top.
"""

from .cockpit import Cockpit

__all__ = ["Cockpit"]
