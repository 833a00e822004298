"""Microsoft's libraries against ``graphcall-nb simulate``; only the base URL differs.

They are 1.2 GB installed, so this is for who wants it: ``pip install graphcall-nb[external-clients]``.
"""

import importlib
import json
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx
import pytest

abstractions = pytest.importorskip(
    "kiota_abstractions.authentication", reason="Microsoft's libraries are not installed"
)

VERSIONS = {"msgraph": "v1.0", "msgraph_beta": "beta"}
CALL = "generated.communications.calls.item."


@pytest.fixture(scope="module")
def service():
    command = [sys.executable, "-m", "graphcall_nb", "simulate", "--json", "--speed", "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield json.loads(running.stdout.readline())
        running.terminate()


class Tokens(abstractions.AccessTokenProvider):
    """Credential that requests tokens at the simulator's token endpoint."""

    def __init__(self, service, suffix=""):
        form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        form |= {name: service[name + suffix] for name in ("client_id", "client_secret")}
        self._token = httpx.post(service["token_url"], data=form).json()["access_token"]

    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return self._token

    def get_allowed_hosts_validator(self):
        return abstractions.AllowedHostsValidator([])


@pytest.fixture(params=VERSIONS)
def sdk(request, service):
    """Client of one library, with shorthands for its models."""
    library = pytest.importorskip(request.param)

    def client(suffix=""):
        provider = abstractions.BaseBearerTokenAuthenticationProvider(Tokens(service, suffix))
        adapter = library.GraphRequestAdapter(provider)
        adapter.base_url = f"{service['graph_url']}/{VERSIONS[request.param]}"
        return library.GraphServiceClient(request_adapter=adapter).communications.calls

    def model(name, module=None):
        return getattr(importlib.import_module(f"{request.param}.{module or 'generated.models.' + snake(name)}"), name)

    return SimpleNamespace(client=client, calls=client(), model=model, version=VERSIONS[request.param])


def snake(name):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def person(sdk):
    identity = sdk.model("Identity")(display_name="Heidi Steen", id="550fae72-d251-43ec-868c-373732c2704f")
    identities = sdk.model("IdentitySet")(odata_type="#microsoft.graph.identitySet", user=identity)
    return sdk.model("InvitationParticipantInfo")(identity=identities)


def a_call(sdk, **changed):
    members = {
        "callback_uri": "http://127.0.0.1:9/api/calls",
        "targets": [person(sdk)],
        "requested_modalities": [sdk.model("Modality").Audio],
        "media_config": sdk.model("ServiceHostedMediaConfig")(odata_type="#microsoft.graph.serviceHostedMediaConfig"),
        "tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    }
    return sdk.model("Call")(**members | changed)


async def established(sdk, **changed):
    """Return an established call as the library's model."""
    created = await sdk.calls.post(a_call(sdk, **changed))
    item = sdk.calls.by_call_id(created.id)
    deadline = time.monotonic() + 20
    while (await item.get()).state != sdk.model("CallState").Established:
        assert time.monotonic() < deadline
    return item


def body(sdk, folder, name, **members):
    return sdk.model(name, f"{CALL}{folder}.{snake(name)}")(**members)


async def test_create_and_get(sdk):
    created = await sdk.calls.post(a_call(sdk))
    assert created.state == sdk.model("CallState").Establishing
    assert created.targets[0].identity.user.display_name == "Heidi Steen"
    assert (await sdk.calls.by_call_id(created.id).get()).my_participant_id == created.my_participant_id


async def test_play_prompt(sdk):
    item = await established(sdk)
    media = sdk.model("MediaInfo")(uri="https://cdn.contoso.com/beep.wav", resource_id="1D6D")
    prompt = sdk.model("MediaPrompt")(odata_type="#microsoft.graph.mediaPrompt", media_info=media)
    asked = body(sdk, "play_prompt", "PlayPromptPostRequestBody", client_context="mine", prompts=[prompt])
    operation = await item.play_prompt.post(asked)
    assert type(operation).__name__ == "PlayPromptOperation"
    assert (operation.client_context, operation.status) == ("mine", sdk.model("OperationStatus").Running)


async def test_mute(sdk):
    item = await established(sdk)
    operation = await item.mute.post(body(sdk, "mute", "MutePostRequestBody", client_context="mine"))
    assert type(operation).__name__ == "MuteParticipantOperation"
    assert operation.status == sdk.model("OperationStatus").Completed
    assert [who.is_muted for who in (await item.participants.get()).value] == [True, False]


async def test_transfer(sdk):
    item = await established(sdk)
    target = body(sdk, "transfer", "TransferPostRequestBody", transfer_target=person(sdk))
    await item.transfer.post(target)
    states = sdk.model("CallState")
    assert (await item.get()).state in (states.Transferring, states.TransferAccepted, states.Terminated)


async def test_invite(sdk):
    item = await established(sdk, targets=[person(sdk), person(sdk)])
    asked = body(sdk, "participants.invite", "InvitePostRequestBody", participants=[person(sdk)], client_context="mine")
    operation = await item.participants.invite.post(asked)
    assert type(operation).__name__ == "InviteParticipantsOperation"
    assert operation.participants[0].identity.user.display_name == "Heidi Steen"


async def test_keep_alive_and_delete(sdk):
    item = await established(sdk)
    await item.keep_alive.post()
    await item.delete()
    states = sdk.model("CallState")
    assert (await item.get()).state in (states.Terminating, states.Terminated)


async def test_a_refusal_is_an_odata_error(sdk):
    kind = sdk.model("ODataError", "generated.models.o_data_errors.o_data_error")
    with pytest.raises(kind) as refused:
        await sdk.calls.post(a_call(sdk, targets=[]))
    assert refused.value.response_status_code == 400
    assert "targets" in refused.value.error.message
    with pytest.raises(kind) as refused:
        await sdk.calls.by_call_id("none").get()
    assert (refused.value.response_status_code, refused.value.error.code) == (404, "8522")


async def test_a_missing_permission_is_an_odata_error(sdk):
    kind = sdk.model("ODataError", "generated.models.o_data_errors.o_data_error")
    with pytest.raises(kind) as refused:
        await sdk.client("_without_consent").post(a_call(sdk))
    assert refused.value.response_status_code == 403
    assert refused.value.error.inner_error.request_id
