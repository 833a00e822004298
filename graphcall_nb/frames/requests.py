"""The requests to the service and their answers, in columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from .columns import Categories, Column, MaybeDurations, MaybeNumbers, Numbers, Texts, Times, frame_of
from .rows import Asked


class Requests:
    """Takes rows of requests; the cost goes with the new ones."""

    def __init__(self) -> None:
        self.shown: dict[str, Column] = {
            "seq": Numbers(),
            "sent_at": Times(),
            "call_id": Texts(),
            "operation": Categories(()),
            "method": Categories(("GET", "POST", "PATCH", "DELETE")),
            "url": Texts(),
            "status": MaybeNumbers(),
            "duration": MaybeDurations(),
            "request_id": Texts(),
            "client_request_id": Texts(),
            "request_body": Texts(),
            "response_body": Texts(),
            "error": Texts(),
        }

    def extend(self, requests: Sequence[Asked]) -> None:
        for name, column in self.shown.items():
            column.extend([getattr(request, name) for request in requests])

    def frame(self) -> pd.DataFrame:
        return frame_of(self.shown)
