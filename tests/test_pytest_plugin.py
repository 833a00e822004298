"""The plugin for pytest: its fixture, marker and report, in runs of pytest of their own."""

import asyncio
import re
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from graphcall_nb.graph_calling import GraphCalling

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parent.parent / "docs" / "pytest.md").read_text("utf-8")
FILES = dict(re.findall(r'```python title="(\w+)\.py"\n(.*?)```', PAGE, re.DOTALL))


@pytest.fixture
def run_tests(pytester):
    """Return a function that runs tests with the plugin, in this process."""

    def run(source="", **files):
        pytester.makepyfile(**({"test_it": source} if source else {}), **files)
        return pytester.runpytest_inprocess(
            "-p", "graphcall_nb.pytest_plugin", "-p", "no:asyncio", "-p", "no:cacheprovider", "--strict-markers"
        )

    return run


def test_bot_of_the_page_passes_its_ten_tests(run_tests):
    run_tests(bot=FILES["bot"], test_bot=FILES["test_bot"]).assert_outcomes(passed=10)


def test_bot_in_another_process_is_reached_over_a_port(run_tests):
    run_tests(test_port=FILES["test_port"]).assert_outcomes(passed=1)


def test_failed_test_shows_the_messages_of_its_calls(run_tests):
    result = run_tests(
        """
        import pytest

        @pytest.mark.graph_calling(version="beta")
        def test_bot(graph_calling):
            graph_calling.ring(callback_uri="http://127.0.0.1:9/")
            graph_calling.verify("answer")
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*VerificationFailed: answer was received 0 times, expected at least once.",
            "*Messages of graph_calling*",
            "*service -> bot  created incoming call * to http://127.0.0.1:9/ Connection refused*",
        ]
    )
    assert "background.py" not in result.stdout.str()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ('scenario="anwsered"', "did you mean 'answered'"),
        ('scenarios="answered"', "did you mean 'scenario'"),
        ('"answered"', "give settings by name"),
        ("speed=0", "speed is 0"),
        ("tls=__file__", "tls_dir"),
    ],
)
def test_wrong_marker_is_one_sentence(run_tests, arguments, message):
    result = run_tests(
        f"""
        import pytest

        @pytest.mark.graph_calling({arguments})
        def test_bot(graph_calling):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    (line,) = [line for line in result.outlines if line.startswith("@pytest.mark.graph_calling")]
    assert message in line
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_closer_marker_replaces_settings(run_tests):
    run_tests(
        """
        import pytest

        pytestmark = pytest.mark.graph_calling(scenario="busy", faults=["duplicated"])

        @pytest.mark.graph_calling(faults=[])
        def test_bot(graph_calling):
            graph_calling.ring(callback_uri="http://127.0.0.1:9/")
            assert len(graph_calling.deliveries(attempt=1)) == 1
        """
    ).assert_outcomes(passed=1)


def test_import_of_the_plugin_is_light():
    heavy = "{'pandas', 'httpx', 'starlette', 'aiohttp', 'uvicorn', 'jwt', 'graphcall_nb.simulator'}"
    code = f"import sys, graphcall_nb.pytest_plugin; print(*({heavy} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


@pytest.fixture
def calling():
    with GraphCalling() as opened:
        yield opened


def respond(status, *, after=None, fails=False):
    """Return an ASGI application that responds with a status, and then awaits ``after``."""

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        if fails:
            raise ValueError("the bot fails")
        await receive()
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body"})
        if after:
            await after()

    return app


def test_notification_is_delivered_before_the_reaction_ends(calling):
    calling.mount(respond(202, after=asyncio.Event().wait))
    calling.hang_up(calling.ring())
    calling.advance(5)
    assert [each.status for each in calling.deliveries()] == [202, 202]


def test_bot_that_fails_responds_500(calling, caplog):
    calling.mount(respond(202, fails=True))
    calling.ring()
    assert [each.status for each in calling.deliveries()] == [500]
    assert "the bot fails" in caplog.text


def test_lifespan_of_a_bot_is_run():
    events = []

    async def app(scope, receive, send):
        for name in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{name}"
            events.append(name)
            await send({"type": f"lifespan.{name}.complete"})

    with GraphCalling() as calling:
        calling.mount(app)
        assert events == ["startup"]
    assert events == ["startup", "shutdown"]


@pytest.mark.parametrize(
    ("uri", "message"), [("http://bot:80/api", "https"), ("bot", "https"), ("http://10.0.0.1/", "https")]
)
def test_address_that_cannot_be_mounted_is_named(calling, uri, message):
    with pytest.raises(ValueError, match=f"callback_uri .*{message}"):
        calling.mount(respond(202), uri)


def test_ring_without_a_bot_names_the_remedy(calling):
    with pytest.raises(ValueError, match="mount the bot"):
        calling.ring()


def test_transport_serves_both_kinds_of_clients(calling):
    async def read():
        async with httpx.AsyncClient(transport=calling.transport) as client:
            return (await client.get(calling.openid_url)).json()

    with httpx.Client(transport=calling.transport) as client:
        assert client.get(calling.openid_url).json() == asyncio.run(read())


def test_dropped_response_is_an_error_of_the_client():
    with GraphCalling(faults=["connection_reset"]) as calling, httpx.Client(transport=calling.transport) as client:
        form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        token = client.post(calling.token_url, data=form | calling.credentials).json()["access_token"]
        body = {
            "callbackUri": "https://bot.contoso.com/",
            "targets": [{"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}],
            "requestedModalities": ["audio"],
            "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
            "tenantId": calling.credentials["tenant_id"],
        }
        url, headers = f"{calling.graph_url}/v1.0/communications/calls", {"Authorization": f"Bearer {token}"}
        with pytest.raises(httpx.ReadError):
            client.post(url, json=body, headers=headers)


def test_simulator_is_served_with_tls(tmp_path):
    with GraphCalling(tls=tmp_path) as calling:
        context = ssl.create_default_context(cafile=calling.ca_file)
        assert calling.graph_url.startswith("https://127.0.0.1:")
        assert httpx.get(calling.openid_url, verify=context).json()["jwks_uri"].startswith(calling.graph_url)
