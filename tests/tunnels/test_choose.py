"""Which tunnel is taken, and the words for it."""

import pytest

from graphcall_nb.errors import SettingsMissing, TunnelUnavailable
from graphcall_nb.tunnels.base import Tunnel
from graphcall_nb.tunnels.choose import AUTOMATIC, choose
from graphcall_nb.tunnels.cloudflared import Cloudflared
from graphcall_nb.tunnels.devtunnel import DevTunnel
from graphcall_nb.tunnels.jupyter import Jupyter
from graphcall_nb.tunnels.ngrok import Ngrok
from graphcall_nb.tunnels.url import Url

from .pretend import PretendProvider

NOT_HERE = TunnelUnavailable("It is not installed; install it.")


async def test_auto_takes_the_first_that_can_work_and_says_why():
    missing, there = PretendProvider(why=NOT_HERE), PretendProvider(why="It is there.")
    choice = await choose("auto", candidates=[missing, there])
    assert choice.tunnel.provider is there
    assert choice.why == "It is there."
    assert choice.others == (("pretend", "It is not installed; install it."),)


async def test_auto_with_nothing_has_one_sentence_and_a_reason_for_each():
    with pytest.raises(TunnelUnavailable, match=r"tunnel='https.*install cloudflared") as raised:
        await choose("auto", candidates=[PretendProvider(why=NOT_HERE)])
    assert raised.value.reasons == (("pretend", "It is not installed; install it."),)
    assert str(raised.value).splitlines()[1:] == ["pretend: It is not installed; install it."]


async def test_on_a_machine_with_nothing_each_way_says_what_is_missing(tmp_path):
    nowhere = str(tmp_path)
    ways = [Jupyter(environ={}), DevTunnel(path=nowhere), Ngrok(environ={}), Cloudflared(path=nowhere)]
    assert tuple(way.name for way in ways) == AUTOMATIC
    with pytest.raises(TunnelUnavailable) as raised:
        await choose("auto", candidates=ways)
    remedies = ["what the browser shows", "user login", "NGROK_AUTHTOKEN", "developers.cloudflare.com"]
    assert all(remedy in why for remedy, (_, why) in zip(remedies, raised.value.reasons, strict=True))


async def test_a_wish_that_cannot_work_is_not_replaced():
    with pytest.raises(TunnelUnavailable, match="install it"):
        await choose(PretendProvider(why=NOT_HERE))


async def test_a_provider_and_a_tunnel_are_taken_as_they_are():
    provider = PretendProvider()
    assert (await choose(provider)).tunnel.provider is provider
    tunnel = Tunnel(provider)
    assert (await choose(tunnel)).tunnel is tunnel


async def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(SettingsMissing, match=r"carrier-pigeon.*https"):
        await choose("carrier-pigeon")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("http://bot.example.org", "https only"),
        ("https://ann:pw@bot.example.org", "no user"),
        ("https://bot.example.org?x=1", "query"),
        ("https://", "not an address"),
        ("https://bot.example.org:port", "cannot be read"),
    ],
)
async def test_an_address_that_graph_would_not_take(given, said):
    with pytest.raises(TunnelUnavailable, match=said) as raised:
        await choose(given)
    assert "pw" not in str(raised.value)


async def test_an_address_that_leads_to_another_port():
    with pytest.raises(TunnelUnavailable, match="have it listen on 8080"):
        await Tunnel(Url("https://bot.example.org", local_port=8080)).open(9090)


async def test_http_is_for_this_machine_only():
    assert await Tunnel(Url("http://127.0.0.1:8710/")).open(9090) == "http://127.0.0.1:8710"
