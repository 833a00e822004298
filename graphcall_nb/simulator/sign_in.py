"""Entra and the key documents over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .answers import Json
from .dice import Dice
from .entra import MAX_FORM_BYTES, EntraFault, check_tenant, openid_document, read_form, token_answer
from .reading import read_bytes
from .stamps import ISSUER, CallbackTokens
from .tenant import Tenant

TOKEN_PATH = "/{tenant}/oauth2/v2.0/token"  # noqa: S105
CALLBACK_OPENID_PATH = "/v1/.well-known/OpenIdConfiguration"
CALLBACK_KEYS_PATH = "/v1/.well-known/keys"
_FRESH = {"Cache-Control": "no-store"}


class SignIn:
    """The authority of the tenant, and the keys of callback tokens (which are another service's in real life)."""

    def __init__(self, tenant: Tenant, tokens: CallbackTokens, dice: Dice, clock: Callable[[], float]) -> None:
        self._tenant = tenant
        self._tokens = tokens
        self._clock = clock
        self._rng = dice.stream("entra")

    def routes(self) -> Iterable[Route]:
        yield Route(CALLBACK_OPENID_PATH, self.callback_openid)
        yield Route(CALLBACK_KEYS_PATH, self.callback_keys)
        yield Route(TOKEN_PATH, self.token, methods=["POST"])
        yield Route("/{tenant}/v2.0/.well-known/openid-configuration", self.openid)
        yield Route("/{tenant}/discovery/v2.0/keys", self.keys)

    async def token(self, request: Request) -> Response:
        body = await read_bytes(request, MAX_FORM_BYTES)
        try:
            check_tenant(self._tenant, request.path_params["tenant"])
            form = read_form(body, request.headers.get("authorization", ""))
            answer = token_answer(self._tenant, form, self._clock())
        except EntraFault as fault:
            return self._refused(fault)
        return Json(answer, headers=_FRESH)

    async def openid(self, request: Request) -> Response:
        try:
            check_tenant(self._tenant, request.path_params["tenant"])
        except EntraFault as fault:
            return self._refused(fault)
        return Json(openid_document(self._tenant))

    async def keys(self, request: Request) -> Response:
        return Json(_key_set(self._tenant.key.jwk))

    async def callback_openid(self, request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return Json(
            {
                "issuer": ISSUER,
                "jwks_uri": base + CALLBACK_KEYS_PATH,
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def callback_keys(self, request: Request) -> Response:
        return Json(_key_set(*(key.jwk for key in self._tokens.keys)))

    def _refused(self, fault: EntraFault) -> Response:
        return Json(fault.body(self._rng, self._clock()), fault.status, headers=_FRESH)


def _key_set(*keys: Any) -> dict[str, Any]:
    return {"keys": [dict(key) for key in keys]}
