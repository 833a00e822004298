"""Colors of call states, the same in plots, widgets and terminal.

The colors are from two palettes for color-blind readers: Okabe and Ito's, and Paul Tol's "bright" and "muted" for the
states that the first has no colors for. States that can follow each other stay apart for readers with protanopia,
deuteranopia and tritanopia, and every color stands out on a white and on a dark page. Color is never the only sign: the
plots have labels and a legend too.
"""

from __future__ import annotations

from ..graph.states import canonical_state

STATE_COLORS: dict[str, str] = {
    "incoming": "#cc79a7",
    "establishing": "#56b4e9",
    "ringing": "#e69f00",
    "established": "#009e73",
    "hold": "#0072b2",
    "transferring": "#ccbb44",
    "transferAccepted": "#882255",
    "redirecting": "#999933",
    "terminating": "#d55e00",
    "terminated": "#6f7378",
}
"""Color of each of :data:`~graphcall_nb.graph.states.STATES`, in life-cycle order, as ``#rrggbb``."""

UNKNOWN_COLOR = "#b8b8b8"
"""Color of a state that Graph added later; the plots hatch it as well."""

_BLACK, _WHITE = "#000000", "#ffffff"

TEXT_COLORS: dict[str, str] = {
    "incoming": _BLACK,
    "establishing": _BLACK,
    "ringing": _BLACK,
    "established": _BLACK,
    "hold": _WHITE,
    "transferring": _BLACK,
    "transferAccepted": _WHITE,
    "redirecting": _BLACK,
    "terminating": _BLACK,
    "terminated": _WHITE,
}
"""Color of text on each state's color, black or white; a test holds their contrast at 4.5 or more (WCAG AA)."""

UNKNOWN_TEXT_COLOR = _BLACK


def get_color(state: str | None) -> str:
    """Return the color of a state, in any letter case.

    Parameters
    ----------
    state : name of a state

    Returns
    -------
    str
        ``#rrggbb``; :data:`UNKNOWN_COLOR` for an unknown state, or for none.

    Examples
    --------
    >>> get_color("established"), get_color("somethingNew")
    ('#009e73', '#b8b8b8')
    """
    return STATE_COLORS.get(canonical_state(state), UNKNOWN_COLOR) if isinstance(state, str) else UNKNOWN_COLOR


def get_text_color(state: str | None) -> str:
    """Return the color of text on the color of a state, in any letter case.

    Examples
    --------
    >>> get_text_color("ringing"), get_text_color("transferAccepted")
    ('#000000', '#ffffff')
    """
    known = canonical_state(state) if isinstance(state, str) else ""
    return TEXT_COLORS.get(known, UNKNOWN_TEXT_COLOR)
