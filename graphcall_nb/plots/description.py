"""``describe``: the content of a plot as a sentence and a small table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import pandas as pd

from .._arguments import require_choice
from .._text import pluralize, shorten_id
from ..graph.states import STATES, TERMINAL, TRANSITIONS
from ._axes import INTERVALS, MESSAGES, find_end_time, format_duration, require_columns, sort_states
from .concurrency import compute_concurrency

Picture = Literal["timeline", "durations", "concurrency", "sequence", "states"]


@dataclass(frozen=True)
class Description:
    """A plot as text; a notebook shows it as a table.

    Attributes
    ----------
    sentence : content in one or two sentences
    table : the numbers behind it
    """

    sentence: str
    table: pd.DataFrame

    def __str__(self) -> str:
        return self.sentence if self.table.empty else f"{self.sentence}\n\n{self.table.to_string(index=False)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = "" if self.table.empty else self.table.to_html(index=False, border=0, max_rows=40)
        return f"<p>{escape(self.sentence)}</p>{table}"


def describe(frame: pd.DataFrame | None = None, picture: Picture | None = None) -> Description:
    """Describe the plot of a frame as text, for readers who cannot see it or need the numbers.

    Parameters
    ----------
    frame : pandas.DataFrame, optional
        Frame of :meth:`graphcall_nb.Session.intervals` or :meth:`graphcall_nb.Session.messages`; ``None`` for the
        diagram of states.
    picture : str, optional
        ``"timeline"``, ``"durations"``, ``"concurrency"``, ``"sequence"`` or ``"states"``, after the names of the
        ``plot_…`` functions. By default the timeline of intervals, the sequence of messages.

    Returns
    -------
    Description
        ``sentence`` and ``table``; ``str()`` has both.

    Raises
    ------
    ValueError
        For an unknown picture, or a frame without the columns that it needs.

    Examples
    --------
    >>> describe().sentence
    'The life of a call: 10 states and ... are inferred.'
    >>> import pandas as pd
    >>> start = pd.to_datetime(["2026-01-01 10:00:00", "2026-01-01 10:00:03"], utc=True)
    >>> end = pd.to_datetime(["2026-01-01 10:00:03", "2026-01-01 10:00:03"], utc=True)
    >>> states = ["ringing", "terminated"]
    >>> frame = pd.DataFrame({"call_id": "57", "state": states, "start": start, "end": end, "duration": end - start})
    >>> describe(frame).sentence
    '1 call, 2026-01-01 10:00:00 to 10:00:03 UTC. It ended.'
    """
    if frame is None or picture == "states":
        return _describe_states()
    chosen = picture or ("sequence" if "sender" in getattr(frame, "columns", ()) else "timeline")
    columns, describe_frame = _PICTURES[require_choice("picture", chosen, [*_PICTURES, "states"])]
    require_columns(frame, MESSAGES if chosen == "sequence" else INTERVALS, *columns)
    made = describe_frame(frame)
    return Description("Simulated. " * bool(frame.attrs.get("simulated")) + made.sentence, made.table)


def _describe_empty(noun: str) -> Description:
    return Description(f"No {noun} yet.", pd.DataFrame())


def _describe_timeline(intervals: pd.DataFrame) -> Description:
    if intervals.empty:
        return _describe_empty("calls")
    now = find_end_time(intervals, None)
    rows = [
        _describe_call(call_id, visits, now)
        for call_id, visits in intervals.groupby("call_id", sort=False, observed=True)
    ]
    table = pd.DataFrame(rows)
    live_states = table.loc[table["now"] != TERMINAL, "now"]
    ended = len(table) - len(live_states)
    sentence = f"{pluralize(len(table), 'call')}, {_format_span(intervals['start'].min(), now)}. "
    listed = table if len(table) <= MAX_CALLS_LISTED else _describe_paths(table)
    if len(table) == 1:
        return Description(sentence + ("It ended." if ended else f"It is {live_states.iloc[0]}."), table)
    parts = [
        f"{count:,} {state}"
        for state in sort_states(live_states.tolist())
        if (count := int((live_states == state).sum()))
    ]
    return Description(sentence + f"{ended:,} ended" + (f"; {', '.join(parts)}." if parts else "."), listed)


MAX_CALLS_LISTED = 20
MAX_PATHS_LISTED = 7
"""With more calls, the table has a row for each path through the states; with more paths, a last row for the rest."""


def _describe_paths(calls: pd.DataFrame) -> pd.DataFrame:
    """Return the number of calls on each path through the states, the most frequent first."""
    counts = list(calls["states"].value_counts().items())
    if len(counts) > MAX_PATHS_LISTED:
        rest = counts[MAX_PATHS_LISTED - 1 :]
        counts[MAX_PATHS_LISTED - 1 :] = [(f"({len(rest):,} other paths)", sum(count for _, count in rest))]
    return pd.DataFrame([{"calls": count, "states": path} for path, count in counts])


def _describe_call(call_id: Any, visits: pd.DataFrame, now: Any) -> dict[str, Any]:
    path = [str(state) for state in visits["state"]]
    first, last = visits["start"].iloc[0], visits["end"].iloc[-1]
    lasted = ((now if pd.isna(last) else last) - first).total_seconds()
    return {
        "call": shorten_id(str(call_id)),
        "began": f"{first:%H:%M:%S}",
        "lasted": format_duration(lasted),
        "states": " → ".join(path),
        "now": path[-1],
    }


def _describe_durations(intervals: pd.DataFrame) -> Description:
    visits = intervals[intervals["state"] != TERMINAL]
    if visits.empty:
        return _describe_empty("calls")
    rows, medians = [], {}
    for state in sort_states(visits["state"].astype(object).tolist()):
        lasted = visits.loc[visits["state"] == state, "duration"].dt.total_seconds()
        over = lasted.dropna()
        figures = {"shortest": over.min(), "median": over.median(), "longest": over.max()}
        words = {name: format_duration(float(seconds)) if len(over) else "" for name, seconds in figures.items()}
        rows.append({"state": state, "visits": len(over), "open": len(lasted) - len(over)} | words)
        if len(over):
            medians[state] = float(over.median())
    table = pd.DataFrame(rows)
    if not medians:
        return Description("No visit to a state is closed yet.", table)
    longest, shortest = max(medians, key=medians.__getitem__), min(medians, key=medians.__getitem__)
    sentence = f"Calls stay longest in {longest}: {format_duration(medians[longest])} in the median"
    if shortest != longest:
        sentence += f"; shortest in {shortest}: {format_duration(medians[shortest])}"
    return Description(sentence + ".", table)


def _describe_concurrency(intervals: pd.DataFrame) -> Description:
    if (intervals["state"] == TERMINAL).all():
        return _describe_empty("calls")
    origin, now = intervals["start"].min(), find_end_time(intervals, None)
    second = pd.Timedelta(seconds=1)
    concurrency = compute_concurrency(intervals, origin, now, second)
    when, most = concurrency.peak
    span = max(float(concurrency.at[-1]), 1e-9)
    lengths = pd.Series([*(concurrency.at[1:] - concurrency.at[:-1]), 0.0]).to_numpy()
    mean = concurrency.counts @ lengths / span
    table = pd.DataFrame(
        {
            "state": concurrency.states,
            "most at a time": concurrency.counts.max(axis=1),
            "on average": mean.round(2),
            "last": concurrency.counts[:, -1],
        }
    )
    sentence = (
        f"At most {pluralize(most, 'call')} at a time, at {origin + when * second:%H:%M:%S} UTC; "
        f"{mean.sum():.3g} on average, {_format_span(origin, now)}."
    )
    return Description(sentence, table)


def _describe_sequence(messages: pd.DataFrame) -> Description:
    if messages.empty:
        return _describe_empty("messages")
    first, last = messages["at"].iloc[0], messages["at"].iloc[-1]
    kinds = messages["kind"].value_counts()
    parts = [pluralize(int(kinds[kind]), kind) for kind in ("request", "answer", "notification") if kinds.get(kind)]
    sentence = f"{', '.join(parts)} in {format_duration((last - first).total_seconds())}."
    refused = int((messages["status"] >= 400).sum())
    odd = int(messages["remark"].notna().sum())
    if refused:
        sentence += f" {pluralize(refused, 'request')} refused."
    if odd:
        sentence += f" {pluralize(odd, 'remark')}: see the table."
    reported = messages.loc[(messages["kind"] == "notification") & messages["remark"].isna(), "state"].dropna()
    if len(reported):
        sentence += f" The last reported state is {reported.iloc[-1]}."
    passed = (messages["at"] - first).dt.total_seconds()
    table = pd.DataFrame(
        {
            "after": [f"{seconds:.3f} s" for seconds in passed],
            "from": messages["sender"].astype(str).to_numpy(),
            "to": messages["receiver"].astype(str).to_numpy(),
            "message": messages["text"].to_numpy(),
            "remark": messages["remark"].fillna("").to_numpy(),
        }
    )
    return Description(sentence, table)


def _describe_states() -> Description:
    table = pd.DataFrame(
        [(step.source or "(none)", step.target, step.trigger, step.evidence) for step in TRANSITIONS],
        columns=["from", "to", "when", "evidence"],
    )
    shown = int((table["evidence"] == "shown").sum())
    sentence = (
        f"The life of a call: {len(STATES)} states and {len(TRANSITIONS)} steps between them, "
        f"of which {shown} are shown and {len(TRANSITIONS) - shown} are inferred."
    )
    return Description(sentence, table)


_PICTURES: dict[str, tuple[tuple[str, ...], Callable[[pd.DataFrame], Description]]] = {
    "timeline": (("call_id", "state", "start", "end"), _describe_timeline),
    "durations": (("state", "duration"), _describe_durations),
    "concurrency": (("call_id", "state", "start", "end"), _describe_concurrency),
    "sequence": (("at", "kind", "sender", "receiver", "text", "state", "status", "remark"), _describe_sequence),
}


def _format_span(first: Any, last: Any) -> str:
    end = f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%S}"
    return f"{first:%Y-%m-%d %H:%M:%S} to {end} UTC"
