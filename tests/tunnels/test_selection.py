"""Selection of a tunnel, and the reason in its result."""

import pytest

from graphcall_nb.errors import SettingsMissing, TunnelUnavailable
from graphcall_nb.tunnels import Cloudflared, DevTunnel, Jupyter, Ngrok, Tunnel, Url, select_tunnel
from graphcall_nb.tunnels.selection import AUTO_PROVIDERS

from .fakes import FakeProvider

UNAVAILABLE = TunnelUnavailable("It is not installed; install it.")


async def test_auto_selects_the_first_that_works_and_gives_the_reason():
    missing, working = FakeProvider(reason=UNAVAILABLE), FakeProvider(reason="It works.")
    selected = await select_tunnel("auto", candidates=[missing, working])
    assert selected.tunnel.provider is working
    assert selected.reason == "It works."
    assert selected.rejected == (("fake", "It is not installed; install it."),)


async def test_auto_without_a_working_provider_gives_the_reason_of_each():
    with pytest.raises(TunnelUnavailable, match=r"tunnel='https.*install cloudflared") as raised:
        await select_tunnel("auto", candidates=[FakeProvider(reason=UNAVAILABLE)])
    assert raised.value.reasons == (("fake", "It is not installed; install it."),)
    assert str(raised.value).splitlines()[1:] == ["fake: It is not installed; install it."]


async def test_each_provider_says_what_is_missing(tmp_path):
    empty = str(tmp_path)
    providers = [Jupyter(environ={}), DevTunnel(path=empty), Ngrok(environ={}), Cloudflared(path=empty)]
    assert tuple(provider.name for provider in providers) == AUTO_PROVIDERS
    with pytest.raises(TunnelUnavailable) as raised:
        await select_tunnel("auto", candidates=providers)
    remedies = ["the address in your browser", "user login", "NGROK_AUTHTOKEN", "developers.cloudflare.com"]
    assert all(remedy in reason for remedy, (_, reason) in zip(remedies, raised.value.reasons, strict=True))


async def test_unavailable_provider_is_not_replaced_by_another():
    with pytest.raises(TunnelUnavailable, match="install it"):
        await select_tunnel(FakeProvider(reason=UNAVAILABLE))


async def test_provider_and_tunnel_are_used_as_they_are():
    provider = FakeProvider()
    assert (await select_tunnel(provider)).tunnel.provider is provider
    tunnel = Tunnel(provider)
    assert (await select_tunnel(tunnel)).tunnel is tunnel


async def test_unknown_name_is_answered_with_the_accepted_forms():
    with pytest.raises(SettingsMissing, match=r"carrier-pigeon.*https"):
        await select_tunnel("carrier-pigeon")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://bot.example.org", "https only"),
        ("https://ann:pw@bot.example.org", "no user"),
        ("https://bot.example.org?x=1", "query"),
        ("https://", "not a URL"),
        ("https://bot.example.org:port", "cannot be parsed"),
    ],
)
async def test_url_that_graph_would_refuse(url, reason):
    with pytest.raises(TunnelUnavailable, match=reason) as raised:
        await select_tunnel(url)
    assert "pw" not in str(raised.value)


async def test_url_that_leads_to_another_port():
    with pytest.raises(TunnelUnavailable, match="start the listener on port 8080"):
        await Tunnel(Url("https://bot.example.org", local_port=8080)).open(9090)


async def test_http_is_accepted_for_this_machine_only():
    assert await Tunnel(Url("http://127.0.0.1:8710/")).open(9090) == "http://127.0.0.1:8710"
