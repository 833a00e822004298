"""``describe``: what a picture shows, in words: a sentence and a small table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import pandas as pd

from ..callstates import STATES, TERMINAL, TRANSITIONS
from ..slips import known
from ..wording import counted
from .canvas import INTERVALS, MESSAGES, check_columns, duration_in_words, in_order, unit_of, until
from .concurrency import crowd_of

Picture = Literal["timeline", "durations", "concurrency", "sequence", "states"]


@dataclass(frozen=True)
class Description:
    """A picture in words; ``str()`` gives it as text, and a notebook shows it as a table.

    Attributes
    ----------
    sentence : what it shows, in one or two sentences
    table : the figures behind it, a frame with texts and numbers
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
    """Say in words what a picture of a frame shows: for those who cannot see it, or want the figures.

    Parameters
    ----------
    frame
        Of :meth:`graphcall_nb.Session.intervals` or :meth:`graphcall_nb.Session.messages`; none for the diagram of
        states.
    picture
        Which one: ``"timeline"``, ``"durations"``, ``"concurrency"``, ``"sequence"`` or ``"states"``, after the names
        of the ``plot_…`` functions. By default the timeline of intervals, the sequence of messages.

    Returns
    -------
    Description
        With ``sentence`` and ``table``.

    Raises
    ------
    ValueError
        When there is no such picture, or the frame lacks what it shows.

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
        return _states()
    chosen = picture or ("sequence" if "sender" in getattr(frame, "columns", ()) else "timeline")
    needed, words = _PICTURES[known("picture", chosen, [*_PICTURES, "states"])]
    check_columns(frame, MESSAGES if chosen == "sequence" else INTERVALS, *needed)
    said = words(frame)
    return Description("Simulated. " * bool(frame.attrs.get("simulated")) + said.sentence, said.table)


def _nothing(what: str) -> Description:
    return Description(f"No {what} yet.", pd.DataFrame())


# ---- one call after another


def _timeline(intervals: pd.DataFrame) -> Description:
    if intervals.empty:
        return _nothing("calls")
    now = until(intervals, None)
    rows = [_call(call_id, stays, now) for call_id, stays in intervals.groupby("call_id", sort=False, observed=True)]
    table = pd.DataFrame(rows)
    going_on = table.loc[table["now"] != TERMINAL, "now"]
    ended = len(table) - len(going_on)
    sentence = f"{counted(len(table), 'call')}, {_span(intervals['start'].min(), now)}. "
    if len(table) == 1:
        return Description(sentence + ("It ended." if ended else f"It is {going_on.iloc[0]}."), table)
    parts = [f"{count:,} {state}" for state in in_order(going_on.tolist()) if (count := int((going_on == state).sum()))]
    return Description(sentence + f"{ended:,} ended" + (f"; {', '.join(parts)}." if parts else "."), table)


def _call(call_id: Any, stays: pd.DataFrame, now: Any) -> dict[str, Any]:
    path = [str(state) for state in stays["state"]]
    first, last = stays["start"].iloc[0], stays["end"].iloc[-1]
    lasted = ((now if pd.isna(last) else last) - first).total_seconds()
    return {
        "call": str(call_id),
        "began": f"{first:%H:%M:%S}",
        "lasted": duration_in_words(lasted),
        "states": " → ".join(path),
        "now": path[-1],
    }


# ---- states


def _durations(intervals: pd.DataFrame) -> Description:
    stays = intervals[intervals["state"] != TERMINAL]
    if stays.empty:
        return _nothing("calls")
    rows, medians = [], {}
    for state in in_order(stays["state"].astype(object).tolist()):
        lasted = stays.loc[stays["state"] == state, "duration"].dt.total_seconds()
        over = lasted.dropna()
        figures = {"shortest": over.min(), "median": over.median(), "longest": over.max()}
        words = {name: duration_in_words(float(seconds)) if len(over) else "" for name, seconds in figures.items()}
        rows.append({"state": state, "stays": len(over), "going on": len(lasted) - len(over)} | words)
        if len(over):
            medians[state] = float(over.median())
    table = pd.DataFrame(rows)
    if not medians:
        return Description("No stay in a state is over yet.", table)
    longest, shortest = max(medians, key=medians.__getitem__), min(medians, key=medians.__getitem__)
    sentence = f"Calls stay longest in {longest}: {duration_in_words(medians[longest])} in the median"
    if shortest != longest:
        sentence += f"; shortest in {shortest}: {duration_in_words(medians[shortest])}"
    return Description(sentence + ".", table)


def _concurrency(intervals: pd.DataFrame) -> Description:
    if (intervals["state"] == TERMINAL).all():
        return _nothing("calls")
    origin, now = intervals["start"].min(), until(intervals, None)
    second = pd.Timedelta(seconds=1)
    crowd = crowd_of(intervals, origin, now, second)
    when, most = crowd.peak
    span = max(float(crowd.at[-1]), 1e-9)
    lengths = pd.Series([*(crowd.at[1:] - crowd.at[:-1]), 0.0]).to_numpy()
    mean = crowd.counts @ lengths / span
    table = pd.DataFrame(
        {
            "state": crowd.states,
            "most at a time": crowd.counts.max(axis=1),
            "on average": mean.round(2),
            "last": crowd.counts[:, -1],
        }
    )
    sentence = (
        f"At most {counted(most, 'call')} at a time, at {origin + when * second:%H:%M:%S} UTC; "
        f"{mean.sum():.3g} on average, {_span(origin, now)}."
    )
    return Description(sentence, table)


# ---- one call


def _sequence(messages: pd.DataFrame) -> Description:
    if messages.empty:
        return _nothing("messages")
    first, last = messages["at"].iloc[0], messages["at"].iloc[-1]
    kinds = messages["kind"].value_counts()
    parts = [counted(int(kinds[kind]), kind) for kind in ("request", "answer", "notification") if kinds.get(kind)]
    sentence = f"{', '.join(parts)} in {duration_in_words((last - first).total_seconds())}."
    refused = int((messages["status"] >= 400).sum())
    odd = int(messages["remark"].notna().sum())
    if refused:
        sentence += f" {counted(refused, 'request')} refused."
    if odd:
        sentence += f" {counted(odd, 'remark')}: see the table."
    told = messages.loc[(messages["kind"] == "notification") & messages["remark"].isna(), "state"].dropna()
    if len(told):
        sentence += f" The call was last heard of as {told.iloc[-1]}."
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


def _states() -> Description:
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
    "timeline": (("call_id", "state", "start", "end"), _timeline),
    "durations": (("state", "duration"), _durations),
    "concurrency": (("call_id", "state", "start", "end"), _concurrency),
    "sequence": (("at", "kind", "sender", "receiver", "text", "state", "status", "remark"), _sequence),
}


def _span(first: Any, last: Any) -> str:
    name, _ = unit_of(last - first)
    end = f"{last:%H:%M:%S}" if first.date() == last.date() or name == "seconds" else f"{last:%Y-%m-%d %H:%M:%S}"
    return f"{first:%Y-%m-%d %H:%M:%S} to {end} UTC"
