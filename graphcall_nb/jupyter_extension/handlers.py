"""Request handlers of the extension: the registration of callback routes, and the proxy for notifications."""

from __future__ import annotations

import logging
import re
from functools import cached_property
from http.client import responses
from types import TracebackType
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from .callback_routes import CallbackRoutes, InvalidRegistration

MAX_BODY_BYTES = 1 << 20
RESPONSE_TIMEOUT_SECONDS = 10.0

MAX_CLIENTS = 100
"""Requests to all listeners together; tornado's default of 10 would let one slow listener delay the others."""

PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
"""Characters of a URL path (RFC 3986)."""

REQUEST_HEADERS = ("Authorization", "Content-Type", "User-Agent", "Client-Request-Id", "Request-Id")
"""Headers that are proxied to the listener. Never cookies: a browser's cookies authenticate to this server."""

RESPONSE_HEADERS = ("Allow", "Content-Type", "Retry-After", "Www-Authenticate")
"""Headers that are proxied back to the sender."""


def make_handlers(
    base_url: str, own_port: int, log: logging.Logger
) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """Return the handlers of the extension for ``Application.add_handlers``."""
    routes = CallbackRoutes(own_port)
    callback_prefix = url_path_join(base_url, "graphcall/cb/")
    proxy = {"routes": routes, "http": HttpClient(), "log": log, "prefix": callback_prefix}
    return [
        (url_path_join(base_url, r"graphcall/routes"), RouteListHandler, {"routes": routes}),
        (url_path_join(base_url, r"graphcall/routes/([^/]+)"), RouteHandler, {"routes": routes}),
        (re.escape(callback_prefix) + ".*", ProxyHandler, proxy),
    ]


class HttpClient:
    """HTTP client for requests to listeners, created on first use because it belongs to the running event loop."""

    @cached_property
    def client(self) -> AsyncHTTPClient:
        return AsyncHTTPClient(force_instance=True, max_clients=MAX_CLIENTS)


class _RegistrationHandler(APIHandler):
    """Base of the handlers that require the server's own authentication, with the XSRF check for cookies."""

    auth_resource = "graphcall"
    _track_activity = False  # kernels register every few seconds, which must not keep an idle server from being culled

    def initialize(self, routes: CallbackRoutes) -> None:
        self.routes = routes

    def _log(self) -> None:
        """Log failures only; the servers of a Hub would log a line every few seconds."""
        if self.get_status() >= 400:
            super()._log()


class RouteListHandler(_RegistrationHandler):
    """``graphcall/routes``: list and register callback routes."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.finish({"routes": self.routes.describe()})

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            route = self.routes.register(*_parse_registration(self.get_json_body() or {}))
        except InvalidRegistration as error:
            raise web.HTTPError(400, reason=str(error)) from None
        self.finish({"secret": route.secret})


def _parse_registration(body: Any) -> tuple[str, int, float, str | None]:
    match body:
        case {"name": str(name), "port": int(port), "ttl": int() | float() as ttl, **rest} if name:
            secret = rest.get("secret")
            if secret is None or isinstance(secret, str):
                return name, port, ttl, secret
    raise InvalidRegistration("name (text), port (integer) and ttl (seconds) are required; secret is an optional text")


class RouteHandler(_RegistrationHandler):
    """``graphcall/routes/NAME``: close a callback route; closing one that is not open has no effect."""

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        self.routes.close(name)
        self.set_status(204)
        self.finish()


@web.stream_request_body
class ProxyHandler(web.RequestHandler):
    """``graphcall/cb/SECRET/…``: proxy requests to the listener of a kernel.

    Not derived from Jupyter's handler on purpose: that one would look the sender's bearer token up as its own (at a
    Hub, with a request for each), set a login cookie, and log the path, which is secret. The Host header is not checked
    either: that check protects servers from pages in a browser, which do not know the path.
    """

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, routes: CallbackRoutes, http: HttpClient, log: logging.Logger, prefix: str) -> None:
        self.routes = routes
        self.http = http
        self.log = log
        self.prefix = prefix
        self.body = bytearray()

    def check_xsrf_cookie(self) -> None:
        """Skip the check: no cookie is read."""

    def prepare(self) -> None:
        """Find the route before the body is read: tornado would keep up to 512 MiB of one for an unknown route."""
        # The path is parsed once, as it was sent. tornado would pass a decoded group, so that a secret with an encoded
        # character and the text that is forwarded could belong to different parts of the path.
        secret, _, self.rest = self.request.path.removeprefix(self.prefix).partition("/")
        self.route = self.routes.find(secret)

    def data_received(self, chunk: bytes) -> None:
        """Keep a body of a known route, up to a part beyond its limit, which shows that it was too long."""
        if self.route is not None and len(self.body) <= MAX_BODY_BYTES:
            self.body += chunk

    @allow_unauthenticated
    async def post(self) -> None:
        # Only after the body: a connection that is closed before loses the response.
        route = self.route
        if route is None:
            self._refuse(404, "Unknown callback route.")
        elif not PATH.fullmatch(self.rest):
            self._refuse(400, "The path has characters that a URL must not contain.")
        elif len(self.body) > MAX_BODY_BYTES:
            self._refuse(413, f"The body must not exceed {MAX_BODY_BYTES} bytes.")
        elif not self.routes.admit(route):
            self.set_header("Retry-After", "1")
            self._refuse(429, "Too many notifications at once; retry later.")
        else:
            try:
                await self._forward(route.port, "/" + self.rest)
            finally:
                self.routes.release(route)

    async def _forward(self, port: int, path: str) -> None:
        """Send the request to a port of this machine; ``path`` begins with a slash, so it cannot change the host."""
        headers = {name: self.request.headers[name] for name in REQUEST_HEADERS if name in self.request.headers}
        try:
            response = await self.http.client.fetch(
                f"http://127.0.0.1:{port}{path}",
                method="POST",
                headers=headers,
                body=bytes(self.body),
                follow_redirects=False,
                decompress_response=False,
                request_timeout=RESPONSE_TIMEOUT_SECONDS,
                raise_error=False,
            )
        except (OSError, HTTPClientError):  # refused, reset, or 599, tornado's code for a time-out
            self._refuse(502, "The listener of the notebook does not answer.")
        else:
            self._respond(response)

    def _respond(self, response: HTTPResponse) -> None:
        self.set_status(response.code, responses.get(response.code, "Unknown"))
        self.clear_header("Content-Type")
        for name in RESPONSE_HEADERS:
            if name in response.headers:
                self.set_header(name, response.headers[name])
        self.finish(response.body or None)

    def _refuse(self, status: int, reason: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(reason)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer tornado's own errors (405) without a page that shows the path."""
        self._refuse(status_code, "Send notifications by POST.")

    def _log(self) -> None:
        """Log the request without its path."""
        duration_ms = 1000 * self.request.request_time()
        self.log.debug("%d %s graphcall/cb/… %.1f ms", self.get_status(), self.request.method, duration_ms)

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Log an error without the request, which contains the path."""
        if not isinstance(value, web.HTTPError):
            self.log.error("Proxying a notification failed", exc_info=(typ, value, tb) if typ and value else None)
