"""Frames for plots, without a journal."""

import io

import pandas as pd
from matplotlib.figure import Figure

START = pd.Timestamp("2026-01-01 10:00:00", tz="UTC")


def intervals(*rows):
    """Intervals from (call_id, state, first second, last second or None)."""
    made = pd.DataFrame(rows, columns=["call_id", "state", "start", "end"])
    for column in ("start", "end"):
        made[column] = START + pd.to_timedelta(made[column].astype(float), unit="s")
    return made.assign(duration=made["end"] - made["start"])


def fleet(count):
    """Calls that ring for two seconds and talk for sixty, one a second."""
    rows = []
    for n in range(count):
        rows += [(str(n), "ringing", n, n + 2), (str(n), "established", n + 2, n + 62)]
        rows += [(str(n), "terminated", n + 62, n + 62)]
    return intervals(*rows)


def messages(*rows):
    """Messages from (second, kind, text, state or None)."""
    parties = {
        "request": ("application", "service"),
        "answer": ("service", "application"),
        "notification": ("service", "listener"),
    }
    made = pd.DataFrame(rows, columns=["at", "kind", "text", "state"])
    sent = [parties[kind] for kind in made["kind"]]
    return made.assign(
        at=START + pd.to_timedelta(made["at"].astype(float), unit="s"),
        call_id="57",
        sender=[one for one, _ in sent],
        receiver=[other for _, other in sent],
        status=pd.array([201 if kind == "answer" else None for kind in made["kind"]], dtype="Int64"),
        remark=None,
        seq=range(len(made)),
    )


def drawn(plot, *args, **settings):
    """The axes of a picture that was really rendered."""
    figure = Figure(figsize=(10, 4))
    ax = plot(*args, ax=figure.add_subplot(), **settings)
    figure.savefig(io.BytesIO())
    return ax


def texts(ax):
    return [text.get_text() for text in ax.texts]
