"""devtunnel and cloudflared: real processes that print what the real programs were seen to print."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from graphcall_nb.background import Background
from graphcall_nb.errors import SettingsMissing, TunnelError, TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels import guard
from graphcall_nb.tunnels.base import Tunnel
from graphcall_nb.tunnels.choose import choose
from graphcall_nb.tunnels.cloudflared import Cloudflared
from graphcall_nb.tunnels.devtunnel import DevTunnel

from . import programs
from .pretend import until
from .programs import arguments, install, is_running

CLOUDFLARED_URL = "https://buffalo-marco-cardiff-motel.trycloudflare.com"
DEVTUNNEL_URL = "https://406cplzz-5000.asse.devtunnels.ms"


async def gone(folder, name):
    async with asyncio.timeout(20):
        while is_running(folder, name):  # noqa: ASYNC110 - another process, which tells nobody
            await asyncio.sleep(0.02)


# ---- cloudflared


async def test_cloudflared_gives_the_address_of_its_box(tmp_path):
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED)))
    assert await tunnel.open(5000) == CLOUDFLARED_URL
    assert arguments(tmp_path, "cloudflared").endswith("--no-autoupdate --url http://127.0.0.1:5000")
    await tunnel.close()
    assert not is_running(tmp_path, "cloudflared")


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (programs.CLOUDFLARED_OFFLINE, "cannot be reached"),
        (programs.CLOUDFLARED_TOO_MANY, "no more quick tunnels"),
        (programs.CLOUDFLARED_ODD, "gave no quick tunnel"),
        ("Incorrect Usage: flag provided but not defined: -no-autoupdate\n", "install a newer one"),
        ("Killed by something\n", "its last words: Killed by something"),
        ("", "its last words: nothing"),
    ],
)
async def test_cloudflared_that_cannot(tmp_path, printed, said):
    path = install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED_START * bool(printed) + printed, then="exit 1")
    with pytest.raises(TunnelError, match=said):
        await Tunnel(Cloudflared(path=path)).open(5000)


async def test_an_address_alone_is_not_enough(tmp_path):
    prints = programs.CLOUDFLARED_START + programs.CLOUDFLARED_BOX
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=prints), seconds=0.5))
    with pytest.raises(TunnelError, match="port 7844"):
        await tunnel.open(5000)
    assert not is_running(tmp_path, "cloudflared")


async def test_cloudflared_that_connects_anew_keeps_its_address(tmp_path):
    retry, up, go = (tmp_path / name for name in ("retry", "up", "go"))
    retry.write_text(programs.CLOUDFLARED_RETRY)
    up.write_text(programs.CLOUDFLARED_UP)
    for signal_file in (go, tmp_path / "again"):
        os.mkfifo(signal_file)
    then = f"cat {go}; cat {retry}; cat {tmp_path}/again; cat {up}; exec sleep 600"
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED, then=then)))
    await tunnel.open(5000)
    await asyncio.to_thread(go.write_text, "")
    assert "tries again" in (await until(tunnel, "lost")).reason
    await asyncio.to_thread((tmp_path / "again").write_text, "")
    assert (await until(tunnel, "open")).url == CLOUDFLARED_URL
    assert len((tmp_path / "cloudflared.args").read_text().splitlines()) == 1
    await tunnel.close()


async def test_one_of_several_connections_is_not_all(tmp_path):
    second = programs.CLOUDFLARED_UP.replace("connIndex=0", "connIndex=1")
    prints = programs.CLOUDFLARED + second + programs.CLOUDFLARED_RETRY + "the end of the output\n"
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=prints)))
    await tunnel.open(5000)
    async with asyncio.timeout(20):
        while tunnel._link.last_words != "the end of the output":  # noqa: ASYNC110 - what was read tells nobody
            await asyncio.sleep(0.02)
    assert tunnel.status.state == "open"
    await tunnel.close()


async def test_a_program_that_ends_is_started_anew_and_the_new_address_is_announced(tmp_path):
    changes = []
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED)))
    tunnel.on_url_change(lambda old, new: changes.append((old, new)))
    await tunnel.open(5000)
    install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED.replace("buffalo", "bison"))
    os.kill(int((tmp_path / "cloudflared.pid").read_text()), signal.SIGKILL)
    await until(tunnel, "lost")
    await until(tunnel, "open")
    await tunnel.close()
    assert changes == [(CLOUDFLARED_URL, CLOUDFLARED_URL.replace("buffalo", "bison"))]


async def test_a_program_that_does_not_want_to_end(tmp_path):
    prints = programs.CLOUDFLARED
    tunnel = Tunnel(
        Cloudflared(path=install(tmp_path, "cloudflared", prints=prints, on="trap '' TERM", then="sleep 600"))
    )
    await tunnel.open(5000)
    await tunnel.close()
    await gone(tmp_path, "cloudflared")


async def test_a_killed_kernel_leaves_no_program_behind(tmp_path):
    path = install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED)
    kernel = f"""
        import asyncio
        from graphcall_nb.tunnels import Cloudflared, Tunnel
        async def main():
            print(await Tunnel(Cloudflared(path={path!r})).open(5000), flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
    """
    command = (sys.executable, "-c", textwrap.dedent(kernel))
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert (await process.stdout.readline()).decode().strip() == CLOUDFLARED_URL
    assert is_running(tmp_path, "cloudflared")
    process.kill()
    await process.communicate()
    await gone(tmp_path, "cloudflared")


async def test_much_output_does_not_stop_the_program(tmp_path):
    then = f"yes 'a long line of a log' | head -n 20000 >&2; touch {tmp_path}/written; exec sleep 600"
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED, then=then)))
    await tunnel.open(5000)
    async with asyncio.timeout(20):
        while not (tmp_path / "written").exists():  # noqa: ASYNC110 - another process, which tells nobody
            await asyncio.sleep(0.02)
    assert tunnel.status.url == CLOUDFLARED_URL
    await tunnel.close()


def test_a_program_runs_on_the_loop_of_a_session_too(tmp_path):
    background = Background()
    background.start()
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=programs.CLOUDFLARED)))
    assert background.run(tunnel.open(5000)) == CLOUDFLARED_URL
    background.run(tunnel.close())
    background.stop()
    assert not is_running(tmp_path, "cloudflared")


# ---- devtunnel


@pytest.mark.parametrize("prints", [programs.DEVTUNNEL, programs.DEVTUNNEL_TWO, programs.DEVTUNNEL_NEW])
async def test_devtunnel_gives_the_address_without_a_port(tmp_path, prints):
    tunnel = Tunnel(DevTunnel(path=install(tmp_path, "devtunnel", prints=prints)))
    assert await tunnel.open(5000) == DEVTUNNEL_URL
    assert arguments(tmp_path, "devtunnel") == "host -p 5000 --allow-anonymous"
    await tunnel.close()
    assert not is_running(tmp_path, "devtunnel")


async def test_a_named_dev_tunnel_has_its_port(tmp_path):
    provider = DevTunnel("fun-book", 5000, path=install(tmp_path, "devtunnel", prints=programs.DEVTUNNEL))
    tunnel = Tunnel(provider)
    with pytest.raises(TunnelUnavailable, match="have it listen on 5000"):
        await tunnel.open(5001)
    assert await tunnel.open(5000) == DEVTUNNEL_URL
    assert arguments(tmp_path, "devtunnel") == "host fun-book"
    await tunnel.close()


@pytest.mark.parametrize(
    ("printed", "said", "kind"),
    [
        (programs.DEVTUNNEL_LOGIN, "run: devtunnel user login", TunnelRefused),
        ("Login token expired. Please log in again.\n", "run: devtunnel user login", TunnelRefused),
        ("Tunnel service error: Tunnel not found.\n", "devtunnel create NAME", TunnelRefused),
        ("Error: No such host is known. (global.rel.tunnels.api.visualstudio.com:443)\n", "network", TunnelError),
        ("Tunnel service error: limit exceeded for tunnels per user\n", "devtunnel list", TunnelError),
        ("Unrecognized command or argument 'host'.\n", "its last words: Unrecognized command", TunnelError),
    ],
)
async def test_devtunnel_that_cannot(tmp_path, printed, said, kind):
    path = install(tmp_path, "devtunnel", prints=printed, then="exit 1")
    with pytest.raises(TunnelError, match=said) as raised:
        await Tunnel(DevTunnel(path=path)).open(5000)
    assert raised.type is kind


async def test_a_refusal_is_told_before_the_program_ends(tmp_path):
    path = install(tmp_path, "devtunnel", prints=programs.DEVTUNNEL_LOGIN)
    with pytest.raises(TunnelRefused, match="devtunnel user login"):
        await Tunnel(DevTunnel(path=path)).open(5000)
    assert not is_running(tmp_path, "devtunnel")


def show(text, wait=""):
    return f"""if [ "$1 $2" = "user show" ]; then {wait} printf '%s' "{text}"; exit 0; fi"""


async def test_whether_somebody_is_signed_in_is_asked_before(tmp_path):
    path = install(tmp_path, "devtunnel", on=show(programs.DEVTUNNEL_SIGNED_IN))
    assert "somebody is signed in" in (await choose(DevTunnel(path=path))).why
    install(tmp_path, "devtunnel", on=show(programs.DEVTUNNEL_LOGIN.replace("'", "")))
    with pytest.raises(TunnelUnavailable, match="run: devtunnel user login"):
        await choose(DevTunnel(path=path))


async def test_a_slow_answer_about_who_is_signed_in_is_not_waited_for(tmp_path):
    path = install(tmp_path, "devtunnel", on=show("", wait="exec sleep 600;"))
    async with asyncio.timeout(15):
        assert (await DevTunnel(path=path).check()).endswith("devtunnel.")


@pytest.mark.parametrize("text", ["My Bot:3978", "my-bot", "my-bot:x", "--help:1"])
def test_a_dev_tunnel_that_is_written_wrongly(text):
    with pytest.raises(SettingsMissing, match="dev tunnel"):
        DevTunnel.of(text)


async def test_a_program_that_cannot_be_run(tmp_path):
    (tmp_path / "devtunnel").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "devtunnel").chmod(0o755)
    with pytest.raises(TunnelUnavailable, match="cannot be run"):
        await DevTunnel(path=str(tmp_path)).check()


# ---- both


@pytest.mark.parametrize("kind", [Cloudflared, DevTunnel])
async def test_a_program_that_is_not_there(kind, tmp_path):
    with pytest.raises(TunnelUnavailable, match=r"is not installed or not on PATH\. Get it from https://"):
        await choose(kind(path=str(tmp_path)))


def test_the_guard_gives_the_exit_status_back():
    command = (sys.executable, guard.__file__, "sh", "-c", "exit 3")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as running:
        assert running.wait(60) == 3
