"""A stand-in for the service as a whole: keys on a real port, and a sender that signs."""

import json
import sys
from contextlib import contextmanager

import httpx

from graphcall_nb.background import Background, serve

from .signing import AUDIENCE, TENANT, Signer

CODE_OF_THE_PROJECT = [sys.executable, "-m", "graphcall_nb"]


class Service:
    """Announces its keys at ``openid_url``, and posts notifications with a good token."""

    def __init__(self):
        self.signer = Signer()
        self.bearer = self.signer.bearer().decode()
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

    def post(self, url, call_id, state="ringing", **changed):
        return httpx.post(url, content=envelope(call_id, state), headers=self.headers | changed, timeout=60).status_code

    def close(self):
        self._background.run(self._server.close())
        self._background.stop()


def envelope(call_id, state="ringing"):
    data = {"@odata.type": "#microsoft.graph.call", "state": state}
    return json.dumps({"value": [{"changeType": "updated", "resource": f"/app/calls/{call_id}", "resourceData": data}]})


@contextmanager
def running_service():
    service = Service()
    try:
        yield service
    finally:
        service.close()
