"""What is seldom needed."""

from __future__ import annotations

from ..editor import Editor
from ..fields import FlagField, NullableField, NumberField, SetField
from ..knowledge import POLICIES
from ..section import Fold
from ..tree import MISSING, read


def advanced(editor: Editor) -> Fold:
    """What is seldom needed."""
    paths = (
        ("ringingTimeoutInSeconds",),
        ("routingPolicies",),
        ("chatInfo", "replyChainMessageId"),
        ("meetingInfo", "allowConversationWithoutHost"),
    )
    return Fold(
        "Advanced",
        "gcf-advanced",
        [
            NumberField(
                editor,
                paths[0],
                "Ringing time, seconds",
                "gcf-ringing",
                hint="1 to 115",
                tip="ringingTimeoutInSeconds",
            ),
            NullableField(
                editor,
                paths[2],
                "Reply chain message",
                "gcf-reply-chain",
                hint="Id of a message",
                tip="chatInfo.replyChainMessageId",
            ),
            FlagField(
                editor,
                paths[3],
                "Talk without the host",
                "gcf-without-host",
                tip="meetingInfo.allowConversationWithoutHost; choose a meeting first",
                keep=1,
            ),
            SetField(editor, paths[1], "Routing policies", "gcf-policies", POLICIES),
        ],
        lambda state: _count(sum(1 for path in paths if read(state.body, path) is not MISSING)),
    )


def _count(number: int) -> str:
    return f"{number} set" if number else "nothing set"
