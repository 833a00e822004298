"""A fake service: keys on a real port, and a sender that signs."""

import json
import sys
from contextlib import contextmanager

import httpx

from graphcall_nb.background import Background, serve

from .signing import AUDIENCE, TENANT, Signer

COMMAND = [sys.executable, "-m", "graphcall_nb"]


class Service:
    """Publishes keys at ``openid_url`` and posts notifications with a valid token."""

    def __init__(self):
        self.signer = Signer()
        self.bearer = self.signer.make_bearer().decode()
        self._background = Background()
        self._background.start()
        self._server = self._background.run(serve(self))
        self.openid_url = f"{self._server.url}/openid"

    async def __call__(self, scope, receive, send):
        body = json.loads(await self.signer.fetch("https://keys.example/keys"))
        if scope["path"] == "/openid":
            body = {"jwks_uri": f"{self._server.url}/keys"}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    @property
    def callback(self):
        return {"audience": AUDIENCE, "tenant_id": TENANT, "openid_url": self.openid_url}

    @property
    def options(self):
        return ["--audience", AUDIENCE, "--tenant", TENANT, "--openid-url", self.openid_url]

    @property
    def headers(self):
        return {"authorization": self.bearer, "content-type": "application/json"}

    def post(self, url, call_id, state="ringing", **headers):
        content = make_envelope(call_id, state)
        return httpx.post(url, content=content, headers=self.headers | headers, timeout=60).status_code

    def close(self):
        self._background.run(self._server.close())
        self._background.stop()


def make_envelope(call_id, state="ringing"):
    """Return the body of a notification."""
    data = {"@odata.type": "#microsoft.graph.call", "state": state}
    return json.dumps({"value": [{"changeType": "updated", "resource": f"/app/calls/{call_id}", "resourceData": data}]})


@contextmanager
def running_service():
    """Run a service within a ``with`` statement."""
    service = Service()
    try:
        yield service
    finally:
        service.close()
