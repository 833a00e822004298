"""Rules of the linter for Microsoft's national clouds."""

from __future__ import annotations

from collections.abc import Iterator

from .clouds import Cloud
from .lint_rules import Finding, Rule
from .models import Call
from .operations import AddLargeGalleryView, SendDtmfTones, reason_not_in_cloud
from .versions import ApiVersion

_SOURCE = "Graph's pages of the operations: national cloud deployments"


def make_cloud_rules(cloud: Cloud) -> tuple[Rule, ...]:
    """Return the rules for a cloud: calling that it does not have, or operations that a call may need there."""

    def find_missing_calling(call: Call, version: ApiVersion) -> Iterator[Finding]:
        yield Finding("targets" if call.targets else "meetingInfo", f"{cloud.no_calling_reason} Use another cloud.")

    def find_missing_tones(call: Call, version: ApiVersion) -> Iterator[Finding]:
        reason = reason_not_in_cloud(SendDtmfTones.name, cloud)
        for index, target in enumerate(call.targets or []):
            if reason and target.identity and target.identity.phone:
                message = f"{reason} The application cannot press keys in this call."
                yield Finding(f"targets[{index}].identity.phone", message)

    def find_missing_gallery(call: Call, version: ApiVersion) -> Iterator[Finding]:
        reason = reason_not_in_cloud(AddLargeGalleryView.name, cloud)
        if reason and call.meeting_info is not None:
            yield Finding("meetingInfo", reason)

    if not cloud.has_calling:
        return (Rule("cloud-without-calling", "error", _SOURCE, find_missing_calling),)
    return (
        Rule("cloud-without-tones", "advice", _SOURCE, find_missing_tones),
        Rule("cloud-without-large-gallery", "advice", _SOURCE, find_missing_gallery),
    )
