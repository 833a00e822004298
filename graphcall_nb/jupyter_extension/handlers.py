"""The two addresses of the extension: where kernels register, and where notifications come in."""

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

from .routes import Routes, Unacceptable

LARGEST_BODY = 1 << 20
ANSWER_SECONDS = 10.0

AT_ONCE = 100
"""Requests under way to all listeners together; tornado's own 10 would let one slow listener hold up the others."""

PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
"""Characters of a URL path (RFC 3986)."""

PASSED_ON = ("Authorization", "Content-Type", "User-Agent", "Client-Request-Id", "Request-Id")
"""Of a notification's headers; above all no cookie: a browser's holds the way into this server."""

PASSED_BACK = ("Allow", "Content-Type", "Retry-After", "Www-Authenticate")


def handlers(
    base_url: str, own_port: int, log: logging.Logger
) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """The routes of the extension, for ``Application.add_handlers``."""
    routes = Routes(own_port)
    callback_prefix = url_path_join(base_url, "graphcall/cb/")
    entrance = {"routes": routes, "out": Out(), "log": log, "prefix": callback_prefix}
    return [
        (url_path_join(base_url, r"graphcall/routes"), RoutesHandler, {"routes": routes}),
        (url_path_join(base_url, r"graphcall/routes/([^/]+)"), RouteHandler, {"routes": routes}),
        (re.escape(callback_prefix) + ".*", EntranceHandler, entrance),
    ]


class Out:
    """The client that goes to the listeners; made when it is first needed, since it belongs to the running loop."""

    @cached_property
    def client(self) -> AsyncHTTPClient:
        return AsyncHTTPClient(force_instance=True, max_clients=AT_ONCE)


class _Registration(APIHandler):
    """What registering needs: the server's own authentication, and a cookie's XSRF check."""

    auth_resource = "graphcall"
    _track_activity = False  # a kernel registers again and again; that must not keep an idle server from being culled

    def initialize(self, routes: Routes) -> None:
        self.routes = routes

    def _log(self) -> None:
        """A registration that went well is no news: a Hub's servers would write a line every few seconds."""
        if self.get_status() >= 400:
            super()._log()


class RoutesHandler(_Registration):
    """``graphcall/routes``: the entrances there are, and one more."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.finish({"routes": self.routes.describe()})

    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = self.get_json_body() or {}
        try:
            route = self.routes.register(*_registration(wanted))
        except Unacceptable as error:
            raise web.HTTPError(400, reason=str(error)) from None
        self.finish({"secret": route.secret})


def _registration(wanted: Any) -> tuple[str, int, float, str | None]:
    match wanted:
        case {"name": str(name), "port": int(port), "ttl": int() | float() as ttl, **rest} if name:
            secret = rest.get("secret")
            if secret is None or isinstance(secret, str):
                return name, port, ttl, secret
    raise Unacceptable("name (text), port (integer) and ttl (seconds) are needed; secret may be given as text")


class RouteHandler(_Registration):
    """``graphcall/routes/NAME``: one entrance, to be closed; closing what is not open is fine."""

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        self.routes.close(name)
        self.set_status(204)
        self.finish()


class EntranceHandler(web.RequestHandler):
    """``graphcall/cb/SECRET/…``: what is posted here goes to the listener of a kernel.

    Not a handler of Jupyter's on purpose: that one would look the sender's bearer up as a token of its own (at a Hub,
    by a request for each), answer with a login cookie, and log the path, which is a secret. Nor does it look at the
    Host header: that guards servers against pages that a browser shows, which do not know the path either.
    """

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, routes: Routes, out: Out, log: logging.Logger, prefix: str) -> None:
        self.routes = routes
        self.out = out
        self.log = log
        self.prefix = prefix

    def check_xsrf_cookie(self) -> None:
        """Nothing to check: no cookie is looked at."""

    @allow_unauthenticated
    async def post(self) -> None:
        # The path is parsed once, as it was sent. tornado would pass a decoded group, so that a secret with an encoded
        # character and the text that is forwarded could belong to different parts of the path.
        secret, _, rest = self.request.path.removeprefix(self.prefix).partition("/")
        route = self.routes.find(secret)
        if route is None:
            self._refuse(404, "There is nothing here.")
        elif not PATH.fullmatch(rest):
            self._refuse(400, "The path has characters that a URL must not have.")
        elif len(self.request.body) > LARGEST_BODY:
            self._refuse(413, f"The body may have {LARGEST_BODY} bytes.")
        elif not self.routes.admit(route):
            self.set_header("Retry-After", "1")
            self._refuse(429, "Too many notifications at once; send again.")
        else:
            try:
                await self._pass_on(route.port, "/" + rest)
            finally:
                self.routes.release(route)

    async def _pass_on(self, port: int, path: str) -> None:
        """Send the request to a port of this machine; ``path`` begins with a slash, so it cannot change the host."""
        url = f"http://127.0.0.1:{port}{path}"
        headers = {name: self.request.headers[name] for name in PASSED_ON if name in self.request.headers}
        try:
            answer = await self.out.client.fetch(
                url,
                method="POST",
                headers=headers,
                body=self.request.body,
                follow_redirects=False,
                decompress_response=False,
                request_timeout=ANSWER_SECONDS,
                raise_error=False,
            )
        except (OSError, HTTPClientError):  # refused, broken off, or 599, tornado's word for no answer in time
            self._refuse(502, "The listener of the notebook does not answer.")
        else:
            self._pass_back(answer)

    def _pass_back(self, answer: HTTPResponse) -> None:
        self.set_status(answer.code, responses.get(answer.code, "Unknown"))
        self.clear_header("Content-Type")
        for name in PASSED_BACK:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        self.finish(answer.body or None)

    def _refuse(self, status: int, why: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(why)

    def write_error(self, status_code: int, **_: Any) -> None:
        """tornado's own refusals (405), without a page that names the path."""
        self._refuse(status_code, "Notifications come by POST.")

    def _log(self) -> None:
        """Each request is logged without its path."""
        took = 1000 * self.request.request_time()
        self.log.debug("%d %s graphcall/cb/… %.1f ms", self.get_status(), self.request.method, took)

    def log_exception(
        self, typ: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        """An error is logged without the request, of which the path is a part."""
        if not isinstance(value, web.HTTPError):
            self.log.error("Passing a notification on failed", exc_info=(typ, value, tb) if typ and value else None)
