"""Colors of states: complete, readable on light and dark, distinct for color-blind readers."""

import subprocess
import sys

import pytest

from graphcall_nb.graph.states import STATES, TRANSITIONS
from graphcall_nb.plots.colors import (
    STATE_COLORS,
    TEXT_COLORS,
    UNKNOWN_COLOR,
    UNKNOWN_TEXT_COLOR,
    get_color,
    get_text_color,
)

ALL_COLORS = {**STATE_COLORS, "unknown": UNKNOWN_COLOR}
ALL_TEXT_COLORS = {**TEXT_COLORS, "unknown": UNKNOWN_TEXT_COLOR}
NEIGHBOURS = sorted({tuple(sorted((step.source, step.target))) for step in TRANSITIONS if step.source})

# How linear RGB is seen (Machado, Oliveira and Fernandes 2009, severity 1).
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "deuteranopia": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "tritanopia": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}
XYZ_LUMINANCE = (0.2126, 0.7152, 0.0722)
XYZ = ((0.4339, 0.3762, 0.1899), XYZ_LUMINANCE, (0.0177, 0.1094, 0.8730))


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def linear(channel):
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def linear_rgb(color):
    return [linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5)]


def contrast(one, other):
    """Return the contrast of two colors after WCAG, from 1 (none) to 21 (black on white)."""
    (dark,), (light,) = sorted(times([XYZ_LUMINANCE], linear_rgb(color)) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(color, sight):
    rgb = linear_rgb(color)
    seen = [min(max(channel, 0), 1) for channel in times(SIGHT[sight], rgb)]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in times(XYZ, seen))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other, sight):
    return sum((a - b) ** 2 for a, b in zip(lab(one, sight), lab(other, sight), strict=True)) ** 0.5


def test_every_state_has_a_color_in_life_cycle_order():
    assert tuple(STATE_COLORS) == STATES


def test_no_two_states_share_a_color():
    assert len(set(ALL_COLORS.values())) == len(ALL_COLORS)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_consecutive_states_have_distinct_colors_for_every_reader(one, other, sight):
    assert difference(STATE_COLORS[one], STATE_COLORS[other], sight) > 13  # 2.3 is just noticeable side by side


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
@pytest.mark.parametrize("state", ALL_COLORS)
def test_a_color_stands_out_on_a_light_and_on_a_dark_page(state, page):
    assert contrast(ALL_COLORS[state], page) > 1.9


@pytest.mark.parametrize("state", ALL_COLORS)
def test_a_label_on_a_color_is_readable(state):
    assert contrast(ALL_COLORS[state], ALL_TEXT_COLORS[state]) >= 4.5


@pytest.mark.parametrize("state", ALL_COLORS)
def test_a_label_has_the_better_of_black_and_white(state):
    better = max("#000000", "#ffffff", key=lambda text: contrast(ALL_COLORS[state], text))
    assert get_text_color(state) == ALL_TEXT_COLORS[state] == better


def test_letter_case_does_not_matter():
    assert get_color("TransferAccepted") == STATE_COLORS["transferAccepted"]


@pytest.mark.parametrize("state", ["somethingNew", "", None, float("nan")])
def test_an_unknown_state_has_the_color_of_unknown_states(state):
    assert get_color(state) == UNKNOWN_COLOR


def test_nothing_heavy_is_loaded():
    code = "import sys, graphcall_nb.plots.colors; print(*({'pandas', 'numpy', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
