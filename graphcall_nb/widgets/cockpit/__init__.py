"""The cockpit of a session: form, calls with their actions, live timeline, notifications, health.

``callrows`` and ``logrows`` are pure: journal rows in, lines of the wire out. ``actions`` is the table of buttons.
``feed`` keeps pages in step. The JavaScript draws: ``grid`` shows any number of rows with a handful of elements.
"""

from .cockpit import Cockpit

__all__ = ["Cockpit"]
