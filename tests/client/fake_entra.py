"""A fake of Entra on a real socket that refuses each sign-in with a given code, in Entra's error format."""

import json
from contextlib import contextmanager

from graphcall_nb.background import Background, serve

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
HOST = "https://login.microsoftonline.com"


class FakeEntra:
    """An ASGI app that serves the OpenID document and refuses each sign-in; ``response`` replaces both."""

    def __init__(self, number=0, status=401, response=None):
        self.number, self.status, self.response = number, status, response

    async def __call__(self, scope, receive, send):
        default = self._make_document() if "openid-conf" in scope["path"] else self._make_refusal()
        status, body = self.response or default
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _make_document(self):
        base = f"{HOST}/{TENANT}"
        endpoints = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/oauth2/v2.0/token"}
        return 200, {"issuer": f"{base}/v2.0", **endpoints}

    def _make_refusal(self):
        return self.status, {
            "error": "invalid_client",
            "error_description": f"AADSTS{self.number}: It is refused. Trace ID: 1 Correlation ID: 2 Timestamp: 3",
            "error_codes": [self.number],
        }


@contextmanager
def serve_entra(app):
    """Serve the fake and yield its URL."""
    background = Background("entra")
    background.start()
    server = background.run(serve(app))
    try:
        yield server.url
    finally:
        background.run(server.close())
        background.stop()
