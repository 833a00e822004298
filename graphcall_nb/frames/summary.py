"""Key figures of calls: a small frame, as text, and in a notebook as a table with bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from .._text import pluralize, show_invisible
from .rendering import format_duration

_COLUMNS = (
    "created_at",
    "time_to_ring",
    "time_to_answer",
    "talk_time",
    "ended_at",
    "result_code",
    "result",
    "notifications",
    "duplicates",
    "late",
)

PERCENTILES = {"median": 0.5, "p90": 0.9, "p99": 0.99}

MAX_FAILURES_SHOWN = 5
"""Results that text and HTML show; ``failures`` has them all."""


@dataclass(frozen=True)
class Summary:
    """Key figures of calls, made by :func:`graphcall_nb.summary`; a notebook shows them as a table with bars.

    Attributes
    ----------
    figures : pandas.DataFrame
        One row per figure: ``figure``, ``value`` (a number, a ``Timedelta`` or a ``Timestamp``) and ``text``.
    failures : pandas.DataFrame
        One row per result of calls that failed, the most frequent first: ``result`` in words, ``calls``, and ``share``
        of all calls.
    sentence : str
        Number of calls, their time span, and how many ended.
    """

    figures: pd.DataFrame
    failures: pd.DataFrame
    sentence: str

    def __getitem__(self, figure: str) -> Any:
        """Return the value of a figure, such as ``summary["answer rate"]``."""
        values = dict(zip(self.figures["figure"], self.figures["value"], strict=True))
        if figure not in values:
            raise KeyError(f"Unknown figure {figure!r}; choose from: {', '.join(values)}.")
        return values[figure]

    def __str__(self) -> str:
        lines = [self.sentence]
        if self["calls"]:
            lines += [f"  {name:13} {text}" for name, text in self._list_lines()]
            lines += [f"    {calls:>7,}  {result}" for result, calls, _ in self._list_failures()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left"'
        rows = [
            f'<tr><th scope="row" {cell}>{escape(name)}</th><td {cell} colspan="2">{escape(text)}</td></tr>'
            for name, text in (self._list_lines() if self["calls"] else ())
        ]
        rows += [
            f'<tr><td style="text-align:right">{calls:,}</td><td {cell}>{escape(result)}</td>'
            f'<td {cell}><div aria-hidden="true" style="width:{120 * share:.0f}px;min-width:2px;height:.8em;'
            'background:#b3261e"></div></td></tr>'
            for result, calls, share in self._list_failures()
        ]
        return f"<p>{escape(self.sentence)}</p><table><tbody>{''.join(rows)}</tbody></table>"

    def _list_lines(self) -> list[tuple[str, str]]:
        texts = dict(zip(self.figures["figure"], self.figures["text"], strict=True))

        def join_percentiles(name: str) -> str:
            if pd.isna(self[f"{name} median"]):
                return "no call"
            return (
                f"{texts[f'{name} median']} in the median; 90 % at most {texts[f'{name} p90']}, "
                f"99 % at most {texts[f'{name} p99']}"
            )

        odd = f"{pluralize(self['duplicates'], 'duplicate')}, {self['late']:,} late"
        peak = f"{texts['peak concurrency']} at most, at {self['peak at']:%Y-%m-%d %H:%M:%S} UTC"
        return [
            ("Answered", f"{texts['answered']}, {texts['answer rate']} of those decided"),
            ("Rang", join_percentiles("ring time")),
            ("Talked", join_percentiles("talk time")),
            ("At a time", peak),
            ("Notifications", f"{texts['notifications']}: {odd}"),
            ("Failed", texts["failed"]),
        ]

    def _list_failures(self) -> list[tuple[str, int, float]]:
        """Return the failures to show: result, calls, and share of the failures; the last row has all others."""
        total = int(self.failures["calls"].sum())
        results, counts = self.failures["result"].astype(str), self.failures["calls"].tolist()
        rows = list(zip(map(show_invisible, results), counts, strict=True))
        shown, others = rows[:MAX_FAILURES_SHOWN], rows[MAX_FAILURES_SHOWN:]
        if others:
            shown.append((f"{pluralize(len(others), 'other result')}", sum(calls for _, calls in others)))
        return [(result, calls, calls / total) for result, calls in shown]


def summary(calls: pd.DataFrame) -> Summary:
    """Return the key figures of calls.

    Parameters
    ----------
    calls : pandas.DataFrame
        Frame of :meth:`graphcall_nb.Session.calls`, or a part of it.

    Returns
    -------
    Summary
        Its ``print()`` is about ten lines for any number of calls.

    Raises
    ------
    TypeError, ValueError
        For anything else than a frame with the columns of ``session.calls()``.

    Notes
    -----
    A call is decided when it was answered or ended. It failed when it ended without an answer, or with a result code of
    400 or above. It rings from its first ``ringing`` to the answer or, without one, to its end; calls that have not
    ended count as present in the peak.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(scenario="declined", virtual_time=True, seed=1) as session:
    ...     _ = session.create_call(gc.templates.pstn())
    ...     session.simulator.advance(60)
    ...     session.summary()["answer rate"]
    0.0
    """
    if not isinstance(calls, pd.DataFrame):
        raise TypeError(f"calls: give the frame of session.calls(), not {type(calls).__name__}.")
    if missing := [name for name in _COLUMNS if name not in calls]:
        raise ValueError(f"calls: the frame has no column {', '.join(missing)}; give that of session.calls().")
    frame = pd.DataFrame(calls)
    answered, ended = frame["time_to_answer"].notna(), frame["ended_at"].notna()
    failed = ended & (~answered | (frame["result_code"] >= 400).fillna(False).astype(bool))
    decided = int((answered | ended).sum())
    peak, peak_at = _find_peak(frame)
    values: dict[str, Any] = {
        "calls": len(frame),
        "ended": int(ended.sum()),
        "answered": int(answered.sum()),
        "answer rate": int(answered.sum()) / decided if decided else float("nan"),
        "failed": int(failed.sum()),
        **_compute_percentiles("ring time", _compute_ring_times(frame)),
        **_compute_percentiles("talk time", frame["talk_time"]),
        "peak concurrency": peak,
        "peak at": peak_at,
        **{name: int(frame[name].sum()) for name in ("notifications", "duplicates", "late")},
    }
    figures = pd.DataFrame(
        {
            "figure": list(values),
            "value": pd.Series(values.values(), dtype=object),
            "text": map(_format, values.values()),
        }
    )
    return Summary(
        figures, _count_failures(frame[failed], len(frame)), _make_sentence(frame, bool(calls.attrs.get("simulated")))
    )


def _compute_ring_times(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the time from ``ringing`` to the answer or the end; NaT for calls that did not ring, or still do."""
    until = frame["time_to_answer"].fillna(frame["ended_at"] - frame["created_at"])
    return until - frame["time_to_ring"]


def _compute_percentiles(name: str, durations: pd.Series[Any]) -> dict[str, Any]:
    known = durations.dropna()
    return {f"{name} {word}": known.quantile(share) if len(known) else pd.NaT for word, share in PERCENTILES.items()}


def _find_peak(frame: pd.DataFrame) -> tuple[int, Any]:
    """Return the largest number of calls at a time and its first moment. A call that ends makes place at once."""
    begins = frame["created_at"].sort_values(ignore_index=True)
    if begins.empty:
        return 0, pd.NaT
    ends = frame["ended_at"].dropna().sort_values(ignore_index=True)
    present = np.arange(1, len(begins) + 1) - ends.searchsorted(begins, side="right")
    at = int(np.argmax(present))
    return int(present[at]), begins[at]


def _count_failures(failed: pd.DataFrame, total: int) -> pd.DataFrame:
    counts = failed["result"].fillna("The service gave no reason").value_counts()
    return pd.DataFrame(
        {"result": counts.index.astype(object), "calls": counts.to_numpy(), "share": counts.to_numpy() / max(total, 1)}
    )


def _make_sentence(frame: pd.DataFrame, is_simulated: bool) -> str:
    if frame.empty:
        return "No calls yet."
    first, last = frame["created_at"].min(), max(frame["created_at"].max(), frame["ended_at"].max())
    live = int(frame["ended_at"].isna().sum())
    end = f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%S}"
    return (
        f"{'Simulated. ' * is_simulated}{pluralize(len(frame), 'call')}, {first:%Y-%m-%d %H:%M:%S} to {end} UTC; "
        + (f"{live:,} not ended." if live else "all ended.")
    )


def _format(value: Any) -> str:
    match value:
        case pd.Timedelta():
            return format_duration(value)
        case pd.Timestamp():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case float():
            return "–" if np.isnan(value) else f"{value:.1%}".replace("%", " %")
        case int():
            return f"{value:,}"
        case _:
            return "–"
