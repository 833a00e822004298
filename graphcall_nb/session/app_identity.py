"""The names of Microsoft's example, put right for a tenant of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from ..graph.models import Call
from ..graph.templates import BOT


@dataclass(frozen=True)
class AppIdentity:
    """The tenant and the application that a session belongs to."""

    tenant_id: str
    client_id: str

    def fill_placeholders(self, call: Call) -> Call:
        """A copy of a call in which the example's application and tenant are one's own, and its mere words are gone.

        What anybody wrote himself is left as it is.

        Examples
        --------
        >>> from graphcall_nb import templates
        >>> call = Own("72f988bf", "550fae72").fill_placeholders(templates.pstn())
        >>> call.tenant_id, call.source.identity.application.id, call.source.region
        ('72f988bf', '550fae72', None)
        """
        body = call.to_json_dict()
        if body.get("tenantId") == "tenantId-value":
            body["tenantId"] = self.tenant_id
        source = body.get("source") or {}
        application = (source.get("identity") or {}).get("application") or {}
        if application.get("id") == BOT:
            application["id"] = self.client_id
        for name in ("languageId", "region"):
            if source.get(name) == f"{name}-value":
                del source[name]
        return Call.from_json_dict(body)
