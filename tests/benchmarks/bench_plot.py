"""A plot of many calls: CPU time to a PNG, and its size.

Baselines: one ``broken_barh`` for each call, as matplotlib's own example of a Gantt chart does it; for the size, the
JSON of ``plotly.express.timeline`` (left out where plotly is not installed).
"""

from __future__ import annotations

import argparse
import io
import time
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from graphcall_nb.plots.colors import get_color
from graphcall_nb.plots.timeline import plot_timeline

from .measure import Row, rounds, show

LIFE = ("establishing", "ringing", "established", "terminating")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it works")
    calls, repeats = (50, 1) if parser.parse_args().small else (10_000, 1)
    frame = intervals_of(calls)
    pictures: dict[str, bytes] = {}

    def timed(name: str, draw: Any) -> float:
        started = time.process_time()
        pictures[name] = picture(draw, frame)
        return time.process_time() - started

    seconds = rounds(
        repeats, {"broken_barh": lambda: timed("theirs", broken_bars), "ours": lambda: timed("ours", ours)}
    )
    show(
        f"A picture of {calls:,} calls",
        [
            ("one broken_barh per call, to PNG", f"{seconds['broken_barh']:.2f} s", "1.00", ""),
            (
                "plot_timeline, to PNG",
                f"{seconds['ours']:.2f} s",
                f"{seconds['broken_barh'] / seconds['ours']:.0f}×",
                "≥ 50 times faster",
            ),
            *sizes(frame, len(pictures["ours"])),
        ],
    )


def intervals_of(calls: int) -> pd.DataFrame:
    """Return ``count`` calls of four states each, starting 50 ms apart."""
    rng = np.random.default_rng(7)
    lengths = rng.gamma(2.0, [0.3, 2.0, 20.0, 0.2], size=(calls, len(LIFE)))
    ends = lengths.cumsum(axis=1) + 0.05 * np.arange(calls)[:, None]
    starts = ends - lengths
    origin = pd.Timestamp("2026-01-01 10:00", tz="UTC")
    return pd.DataFrame(
        {
            "call_id": np.repeat([f"{number:032X}" for number in range(calls)], len(LIFE)),
            "state": np.tile(LIFE, calls),
            "start": origin + pd.to_timedelta(starts.ravel(), unit="s"),
            "end": origin + pd.to_timedelta(ends.ravel(), unit="s"),
        }
    )


def picture(draw: Any, frame: pd.DataFrame) -> bytes:
    figure = Figure(figsize=(10, 12))
    draw(figure.add_subplot(), frame)
    file = io.BytesIO()
    figure.savefig(file, dpi=100)
    return file.getvalue()


def ours(ax: Any, frame: pd.DataFrame) -> None:
    plot_timeline(frame, ax=ax)


def broken_bars(ax: Any, frame: pd.DataFrame) -> None:
    origin = frame["start"].min()
    for y, (_, one) in enumerate(frame.groupby("call_id", sort=False)):
        first = (one["start"] - origin).dt.total_seconds()
        length = (one["end"] - one["start"]).dt.total_seconds()
        ax.broken_barh(
            list(zip(first, length, strict=True)), (y - 0.4, 0.8), color=[get_color(s) for s in one["state"]]
        )


def sizes(frame: pd.DataFrame, ours: int) -> list[Row]:
    try:
        import plotly.express
    except ImportError:
        return [("saved picture", f"{ours / 1000:.0f} kB", "", "plotly is not installed")]
    chart = plotly.express.timeline(frame, x_start="start", x_end="end", y="call_id", color="state")
    theirs = len(chart.to_json())
    return [
        ("plotly.express.timeline as JSON", f"{theirs / 1000:,.0f} kB", "1.00", ""),
        ("saved picture", f"{ours / 1000:.0f} kB", f"1/{theirs / ours:.0f}", "≤ 1/50"),
    ]


if __name__ == "__main__":
    main()
