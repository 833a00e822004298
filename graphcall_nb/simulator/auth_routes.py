"""The routes of the identity platform: Entra's token endpoint, and the key documents of both kinds of tokens."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import jwt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .random import SeededRandom, make_guid
from .responses import JsonResponse
from .tokens import (
    ACCESS_TOKEN_SECONDS,
    AUTHORITY_HOST,
    CLOCK_SKEW_SECONDS,
    GRAPH,
    GRAPH_ID,
    NOTIFICATION_ISSUERS,
    Application,
    NotificationTokens,
    Tenant,
)
from .validation import read_bytes

TOKEN_PATH = "/{tenant}/oauth2/v2.0/token"  # noqa: S105
V1_TOKEN_PATH = "/{tenant}/oauth2/token"  # noqa: S105
NOTIFICATION_OPENID_PATH = "/v1/.well-known/OpenIdConfiguration"
NOTIFICATION_KEYS_PATH = "/v1/.well-known/keys"
Grant = Callable[[Mapping[str, str], float], dict[str, Any]]
MAX_FORM_BYTES = 64 * 1024
MAX_FORM_FIELDS = 50
_NO_STORE = {"Cache-Control": "no-store"}
_RESOURCES = (GRAPH, GRAPH + "/", GRAPH_ID)
_SCOPES = frozenset(f"{resource}/.default" for resource in _RESOURCES)


@dataclass(slots=True)
class EntraError(Exception):
    """An error response of Entra. ``number`` is the number of the AADSTS code."""

    status: int
    error: str
    number: int
    message: str

    def make_body(self, rng: random.Random, now: float) -> dict[str, Any]:
        trace_id, correlation_id = make_guid(rng), make_guid(rng)
        timestamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} "
            f"Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"{AUTHORITY_HOST}/error?code={self.number}",
        }


class AuthRoutes:
    """The authority of the tenant, and the keys of notification tokens (which another service has in reality)."""

    def __init__(
        self, tenant: Tenant, tokens: NotificationTokens, random: SeededRandom, clock: Callable[[], float]
    ) -> None:
        self._tenant = tenant
        self._tokens = tokens
        self._clock = clock
        self._rng = random.stream("entra")

    def make_routes(self) -> Iterable[Route]:
        yield Route(NOTIFICATION_OPENID_PATH, self._get_notification_openid)
        yield Route(NOTIFICATION_KEYS_PATH, self._get_notification_keys)
        yield Route("/common/discovery/instance", self._get_instance)
        yield Route(TOKEN_PATH, self._post_token, methods=["POST"])
        yield Route(V1_TOKEN_PATH, self._post_v1_token, methods=["POST"])
        yield Route("/{tenant}/v2.0/.well-known/openid-configuration", self._get_openid)
        yield Route("/{tenant}/.well-known/openid-configuration", self._get_v1_openid)
        yield Route("/{tenant}/discovery/v2.0/keys", self._get_keys)
        yield Route("/{tenant}/discovery/keys", self._get_keys)

    async def _post_token(self, request: Request) -> Response:
        return await self._respond_with_token(request, _grant_token)

    async def _post_v1_token(self, request: Request) -> Response:
        return await self._respond_with_token(request, _grant_v1_token)

    async def _respond_with_token(self, request: Request, grant: Grant) -> Response:
        body = await read_bytes(request, MAX_FORM_BYTES)
        try:
            _check_tenant(self._tenant, request.path_params["tenant"])
            form = _parse_form(body, request.headers.get("authorization", ""))
            now = self._clock()
            application = _authenticate(self._tenant, form, _get_base(request), now)
            content = grant(form, now) | {"access_token": self._tenant.make_access_token(application, now)}
        except EntraError as error:
            return self._respond(error)
        return JsonResponse(content, headers=_NO_STORE)

    async def _get_instance(self, request: Request) -> Response:
        """Return the metadata of this authority, which is the only one that exists here."""
        base = _get_base(request)
        host = base.partition("://")[2]
        names = [*dict.fromkeys([host, request.base_url.hostname])]
        return JsonResponse(
            {
                "tenant_discovery_endpoint": f"{base}/{self._tenant.id}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": names}],
            }
        )

    async def _get_openid(self, request: Request) -> Response:
        return self._respond_with_openid(request, "/v2.0")

    async def _get_v1_openid(self, request: Request) -> Response:
        return self._respond_with_openid(request, "")

    def _respond_with_openid(self, request: Request, version: str) -> Response:
        try:
            _check_tenant(self._tenant, request.path_params["tenant"])
        except EntraError as error:
            return self._respond(error)
        return JsonResponse(_make_openid_document(self._tenant, _get_base(request), version))

    async def _get_keys(self, request: Request) -> Response:
        return JsonResponse(_make_key_set(self._tenant.key.jwk))

    async def _get_notification_openid(self, request: Request) -> Response:
        base = _get_base(request)
        return JsonResponse(
            {
                "issuer": NOTIFICATION_ISSUERS["botframework"],
                "jwks_uri": base + NOTIFICATION_KEYS_PATH,
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _get_notification_keys(self, request: Request) -> Response:
        return JsonResponse(_make_key_set(*(key.jwk for key in self._tokens.keys)))

    def _respond(self, error: EntraError) -> Response:
        return JsonResponse(error.make_body(self._rng, self._clock()), error.status, headers=_NO_STORE)


def _make_key_set(*keys: Mapping[str, str]) -> dict[str, Any]:
    return {"keys": [dict(key) for key in keys]}


def _get_base(request: Request) -> str:
    """Return the address that the client reaches the simulator at."""
    return str(request.base_url).rstrip("/")


def _make_openid_document(tenant: Tenant, base: str, version: str) -> dict[str, Any]:
    """Return the document that MSAL fetches first. ``version`` is ``"/v2.0"``, or empty for the first one."""
    authority = f"{base}/{tenant.id}"
    return {
        "issuer": f"{authority}{version or '/'}",
        "authorization_endpoint": f"{authority}/oauth2{version}/authorize",
        "token_endpoint": f"{authority}/oauth2{version}/token",
        "device_authorization_endpoint": f"{authority}/oauth2{version}/devicecode",
        "jwks_uri": f"{authority}/discovery{version}/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
        "cloud_instance_name": "microsoftonline.com",
        "msgraph_host": "graph.microsoft.com",
    }


# Client credentials


def _parse_form(body: bytes, authorization: str) -> dict[str, str]:
    """Return the fields of a form; credentials of HTTP Basic are added to them."""
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS))
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            name, _, password = base64.b64decode(value).decode().partition(":")
            form |= {"client_id": unquote_plus(name), "client_secret": unquote_plus(password)}
    except (ValueError, binascii.Error):
        raise EntraError(400, "invalid_request", 900023, "The request body is not a readable form.") from None
    return form


def _check_tenant(tenant: Tenant, tenant_id: str) -> None:
    if tenant_id.lower() != tenant.id.lower():
        raise EntraError(
            400,
            "invalid_request",
            90002,
            f"Tenant '{tenant_id[:64]}' not found. Check to make sure you have the correct tenant ID and are signing "
            "into the correct cloud.",
        )


def _authenticate(tenant: Tenant, form: Mapping[str, str], base: str, now: float) -> Application:
    """Return the application of a client credentials request. Raise ``EntraError`` if it is refused."""
    grant_type = _require(form, "grant_type")
    if grant_type != "client_credentials":
        raise EntraError(
            400,
            "unsupported_grant_type",
            70003,
            f"The app requested an unsupported grant type '{grant_type[:64]}'. Use client_credentials.",
        )
    application = _find_application(tenant, _require(form, "client_id"))
    if form.get("client_assertion"):
        _check_assertion(tenant, application, form["client_assertion"], base, now)
    else:
        _check_secret(tenant, application, form.get("client_secret"))
    return application


def _grant_token(form: Mapping[str, str], _: float) -> dict[str, Any]:
    """Return the body of a 200 without the token. Raise ``EntraError`` for another scope than Graph's."""
    scope = _require(form, "scope")
    if scope not in _SCOPES:
        raise EntraError(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {scope[:128]} is not valid. Client credential flows must have a scope "
            f"value with /.default suffixed to the resource identifier: {GRAPH}/.default.",
        )
    return {"token_type": "Bearer", "expires_in": ACCESS_TOKEN_SECONDS, "ext_expires_in": ACCESS_TOKEN_SECONDS}


def _grant_v1_token(form: Mapping[str, str], now: float) -> dict[str, Any]:
    """Return the body of a 200 of the first endpoint, which older libraries use; its numbers are texts."""
    resource = _require(form, "resource")
    if resource not in _RESOURCES:
        raise EntraError(
            400,
            "invalid_resource",
            500011,
            f"The resource principal named {resource[:128]} was not found in the tenant. Use {GRAPH}.",
        )
    seconds = str(ACCESS_TOKEN_SECONDS)
    return {
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "not_before": str(int(now)),
        "expires_on": str(int(now) + ACCESS_TOKEN_SECONDS),
        "resource": resource,
    }


def _require(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise EntraError(
            400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
        )
    return value


def _find_application(tenant: Tenant, client_id: str) -> Application:
    application = tenant.get_application(client_id)
    if application is None:
        raise EntraError(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id[:64]}' was not found in the directory '{tenant.id}'. This can "
            "happen if the application has not been installed by the administrator of the tenant.",
        )
    return application


def _check_secret(tenant: Tenant, application: Application, secret: str | None) -> None:
    if not secret:
        raise EntraError(
            401,
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    if not tenant.check_secret(application, secret):
        raise EntraError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{application.id}'.",
        )


def _check_assertion(tenant: Tenant, application: Application, assertion: str, base: str, now: float) -> None:
    """Check that the certificate's key signed an assertion, for this authority, by this application, and recently."""
    from cryptography import x509  # here, since few applications sign in with a certificate

    try:
        key: Any = x509.load_pem_x509_certificate(application.certificate.encode()).public_key()
        audiences = [
            f"{host}/{tenant.id}/{path}"
            for host in (base, AUTHORITY_HOST)
            for path in ("oauth2/v2.0/token", "oauth2/token", "v2.0")
        ]
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "iss", "aud"]}
        claims: dict[str, Any] = jwt.decode(
            assertion,
            key,
            algorithms=["PS256", "RS256"],
            audience=audiences,
            issuer=application.id,
            options=options,
        )
    except (ValueError, jwt.InvalidTokenError):
        raise EntraError(
            401,
            "invalid_client",
            700027,
            "Client assertion failed signature validation: the certificate with the used thumbprint is not registered "
            f"for application '{application.id}'.",
        ) from None
    if not claims.get("nbf", now) - CLOCK_SKEW_SECONDS <= now <= claims["exp"] + CLOCK_SKEW_SECONDS:
        raise EntraError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")
