"""The doctor: looks, step by step, whether a call to Microsoft can work from here, and says what is missing."""

from .examination import Patient, SignedIn, examine, known_template
from .permissions import missing_permissions
from .public import Door, knock
from .report import Check, Report

__all__ = [
    "Check",
    "Door",
    "Patient",
    "Report",
    "SignedIn",
    "examine",
    "knock",
    "known_template",
    "missing_permissions",
]
