"""The token endpoint: form in, access token or Entra's error body out. Pure but for the signature."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from .assertions import AssertionFault, check_assertion
from .dice import guid
from .tenant import ACCESS_TOKEN_SECONDS, AUTHORITY_HOST, GRAPH, GRAPH_ID, Application, Tenant

MAX_FORM_BYTES = 64 * 1024
_SCOPES = frozenset(f"{resource}/.default" for resource in (GRAPH, GRAPH + "/", GRAPH_ID))


@dataclass(slots=True)
class EntraFault(Exception):
    """A refusal. ``number`` is that of the AADSTS code."""

    status: int
    error: str
    number: int
    message: str

    def body(self, rng: random.Random, now: float) -> dict[str, Any]:
        trace, correlation = guid(rng), guid(rng)
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} "
            f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [self.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{AUTHORITY_HOST}/error?code={self.number}",
        }


def check_tenant(tenant: Tenant, named: str) -> None:
    if named.lower() != tenant.id.lower():
        raise EntraFault(
            400,
            "invalid_request",
            90002,
            f"Tenant '{named[:64]}' not found. Check to make sure you have the correct tenant ID and are signing into "
            "the correct cloud.",
        )


def token_answer(tenant: Tenant, form: Mapping[str, str], now: float) -> dict[str, Any]:
    """The body of a 200 for a client credentials request; ``EntraFault`` when it is refused."""
    _check_grant(form)
    application = _authenticated(tenant, form, now)
    _check_scope(form)
    return {
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "ext_expires_in": ACCESS_TOKEN_SECONDS,
        "access_token": tenant.access_token(application, now),
    }


def _check_grant(form: Mapping[str, str]) -> None:
    grant = form.get("grant_type")
    if not grant:
        raise _missing("grant_type")
    if grant != "client_credentials":
        raise EntraFault(
            400,
            "unsupported_grant_type",
            70003,
            f"The app requested an unsupported grant type '{grant[:64]}'. Use client_credentials.",
        )


def _authenticated(tenant: Tenant, form: Mapping[str, str], now: float) -> Application:
    client_id = form.get("client_id")
    if not client_id:
        raise _missing("client_id")
    application = tenant.application(client_id)
    if application is None:
        raise EntraFault(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id[:64]}' was not found in the directory '{tenant.id}'. This can "
            "happen if the application has not been installed by the administrator of the tenant.",
        )
    if form.get("client_assertion"):
        _check_assertion(tenant, application, form, now)
        return application
    given = form.get("client_secret")
    if not given:
        raise EntraFault(
            401,
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    if not tenant.is_secret(application, given):
        raise EntraFault(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{application.id}'.",
        )
    return application


def _check_assertion(tenant: Tenant, application: Application, form: Mapping[str, str], now: float) -> None:
    try:
        check_assertion(
            form["client_assertion"],
            certificate=application.certificate,
            client_id=application.id,
            token_url=openid_document(tenant)["token_endpoint"],
            now=now,
        )
    except AssertionFault as fault:
        raise EntraFault(401, "invalid_client", fault.number, fault.message) from None


def _check_scope(form: Mapping[str, str]) -> None:
    scope = form.get("scope")
    if not scope:
        raise _missing("scope")
    if scope not in _SCOPES:
        raise EntraFault(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {scope[:128]} is not valid. Client credential flows must have a scope "
            f"value with /.default suffixed to the resource identifier: {GRAPH}/.default.",
        )


def _missing(name: str) -> EntraFault:
    return EntraFault(
        400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
    )


def read_form(body: bytes, authorization: str = "") -> dict[str, str]:
    """The fields of a form; a client that identifies itself by HTTP Basic is read like one that does so in the form."""
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50))
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            name, _, password = base64.b64decode(value).decode().partition(":")
            form |= {"client_id": unquote_plus(name), "client_secret": unquote_plus(password)}
    except (ValueError, binascii.Error):
        raise EntraFault(400, "invalid_request", 900023, "The request body is not a readable form.") from None
    return form


def openid_document(tenant: Tenant) -> dict[str, Any]:
    """What MSAL asks first. MSAL insists on https, so the addresses are those of the real authority."""
    base = f"{AUTHORITY_HOST}/{tenant.id}"
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }
