"""A stand-in for Entra on a real socket that refuses with a given code, in Entra's own error body."""

import json
from contextlib import contextmanager

from graphcall_nb.background import Background, serve

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
HOST = "https://login.microsoftonline.com"


class Entra:
    """Answers the OpenID document, then refuses each sign-in; ``answer`` replaces both."""

    def __init__(self, number=0, words="It is refused", answer=None):
        self.number, self.words, self.answer, self.status = number, words, answer, 401

    async def __call__(self, scope, receive, send):
        status, body = self.answer or (self._document() if "openid-conf" in scope["path"] else self._refusal())
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _document(self):
        base = f"{HOST}/{TENANT}"
        endpoints = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/oauth2/v2.0/token"}
        return 200, {"issuer": f"{base}/v2.0", **endpoints}

    def _refusal(self):
        return self.status, {
            "error": "invalid_client",
            "error_description": f"AADSTS{self.number}: {self.words}. Trace ID: 1 Correlation ID: 2 Timestamp: 3",
            "error_codes": [self.number],
        }


@contextmanager
def serving(app):
    background = Background("entra")
    background.start()
    server = background.run(serve(app))
    try:
        yield server.url
    finally:
        background.run(server.close())
        background.stop()
