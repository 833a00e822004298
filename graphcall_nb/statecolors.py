"""One colour per call state, everywhere: in the plots, the live timeline, the terminal and the cockpit.

The colours are from two palettes made for colour-blind readers: Okabe and Ito's, and Paul Tol's "bright" and "muted"
for the states it has no more colours for. States that can follow one another stay apart for readers with protanopia,
deuteranopia and tritanopia, and every colour stands out on white as well as on a dark page. Colour is never the only
sign all the same: the plots have labels and a legend too.
"""

from __future__ import annotations

from .callstates import canonical_state

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
"""The colour of each of :data:`~graphcall_nb.callstates.STATES`, in life-cycle order, as ``#rrggbb``."""

UNKNOWN_COLOR = "#b8b8b8"
"""For a state that Graph added later; the plots hatch it as well."""

DARK_TEXT, LIGHT_TEXT = "#000000", "#ffffff"


def color_of(state: str | None) -> str:
    """The colour of a state in any letter case, as ``#rrggbb``; :data:`UNKNOWN_COLOR` for one that is not known.

    Examples
    --------
    >>> color_of("established"), color_of("somethingNew")
    ('#009e73', '#b8b8b8')
    """
    return STATE_COLORS.get(canonical_state(state), UNKNOWN_COLOR) if isinstance(state, str) else UNKNOWN_COLOR


def text_color_on(color: str) -> str:
    """Black or white: the one that is easier to read on ``color`` (``#rrggbb``).

    Examples
    --------
    >>> text_color_on("#e69f00"), text_color_on("#882255")
    ('#000000', '#ffffff')
    """
    return max(DARK_TEXT, LIGHT_TEXT, key=lambda text: contrast(color, text))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG counts it, from 1 (none) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
