"""devtunnel and cloudflared: real processes that print published transcripts of the real programs."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from graphcall_nb.background import Background
from graphcall_nb.errors import SettingsMissing, TunnelError, TunnelRefused, TunnelUnavailable
from graphcall_nb.tunnels import Cloudflared, DevTunnel, Tunnel, select_tunnel, supervisor

from . import program_output
from .fakes import wait_for_state
from .program_output import install, is_running, read_arguments

CLOUDFLARED_URL = "https://buffalo-marco-cardiff-motel.trycloudflare.com"
DEVTUNNEL_URL = "https://406cplzz-5000.asse.devtunnels.ms"


async def wait_for_exit(folder, name):
    async with asyncio.timeout(20):
        while is_running(folder, name):  # noqa: ASYNC110 - another process, without an event
            await asyncio.sleep(0.02)


# ---- cloudflared


async def test_cloudflared_url_is_read_from_its_box(tmp_path):
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED)))
    assert await tunnel.open(5000) == CLOUDFLARED_URL
    assert read_arguments(tmp_path, "cloudflared").endswith("--no-autoupdate --url http://127.0.0.1:5000")
    await tunnel.close()
    assert not is_running(tmp_path, "cloudflared")


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (program_output.CLOUDFLARED_OFFLINE, "cannot be reached"),
        (program_output.CLOUDFLARED_TOO_MANY, "no more quick tunnels"),
        (program_output.CLOUDFLARED_ODD, "gave no quick tunnel"),
        ("Incorrect Usage: flag provided but not defined: -no-autoupdate\n", "install a newer one"),
        ("Killed by something\n", "its last output: Killed by something"),
        ("", "its last output: \\(none\\)"),
    ],
)
async def test_cloudflared_failures(tmp_path, output, message):
    path = install(
        tmp_path, "cloudflared", prints=program_output.CLOUDFLARED_START * bool(output) + output, then="exit 1"
    )
    with pytest.raises(TunnelError, match=message):
        await Tunnel(Cloudflared(path=path)).open(5000)


async def test_url_without_a_connection_is_not_enough(tmp_path):
    prints = program_output.CLOUDFLARED_START + program_output.CLOUDFLARED_BOX
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=prints), timeout_seconds=0.5))
    with pytest.raises(TunnelError, match="port 7844"):
        await tunnel.open(5000)
    assert not is_running(tmp_path, "cloudflared")


async def test_cloudflared_that_reconnects_keeps_its_url(tmp_path):
    retry, up, go = (tmp_path / name for name in ("retry", "up", "go"))
    retry.write_text(program_output.CLOUDFLARED_RETRY)
    up.write_text(program_output.CLOUDFLARED_UP)
    for signal_file in (go, tmp_path / "again"):
        os.mkfifo(signal_file)
    then = f"cat {go}; cat {retry}; cat {tmp_path}/again; cat {up}; exec sleep 600"
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED, then=then)))
    await tunnel.open(5000)
    await asyncio.to_thread(go.write_text, "")
    assert "retries" in (await wait_for_state(tunnel, "lost")).reason
    await asyncio.to_thread((tmp_path / "again").write_text, "")
    assert (await wait_for_state(tunnel, "open")).url == CLOUDFLARED_URL
    assert len((tmp_path / "cloudflared.args").read_text().splitlines()) == 1
    await tunnel.close()


async def test_lost_connection_among_several_is_not_a_lost_tunnel(tmp_path):
    second = program_output.CLOUDFLARED_UP.replace("connIndex=0", "connIndex=1")
    prints = program_output.CLOUDFLARED + second + program_output.CLOUDFLARED_RETRY + "the end of the output\n"
    connection = await Cloudflared(path=install(tmp_path, "cloudflared", prints=prints)).connect(5000)
    lost = asyncio.create_task(connection.wait_lost())
    async with asyncio.timeout(20):
        while connection.last_line != "the end of the output":  # noqa: ASYNC110 - output has no event
            await asyncio.sleep(0.02)
    assert not lost.done()
    await connection.close()
    assert "exited" in await lost


async def test_program_that_exits_is_started_again_and_the_url_change_is_reported(tmp_path):
    changes = []
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED)))
    tunnel.on_url_change(lambda old, new: changes.append((old, new)))
    await tunnel.open(5000)
    install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED.replace("buffalo", "bison"))
    os.kill(int((tmp_path / "cloudflared.pid").read_text()), signal.SIGKILL)
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    await tunnel.close()
    assert changes == [(CLOUDFLARED_URL, CLOUDFLARED_URL.replace("buffalo", "bison"))]


async def test_program_that_ignores_sigterm_is_killed(tmp_path):
    prints = program_output.CLOUDFLARED
    tunnel = Tunnel(
        Cloudflared(path=install(tmp_path, "cloudflared", prints=prints, first="trap '' TERM", then="sleep 600"))
    )
    await tunnel.open(5000)
    await tunnel.close()
    await wait_for_exit(tmp_path, "cloudflared")


async def test_program_ends_when_its_kernel_is_killed(tmp_path):
    path = install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED)
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
    await wait_for_exit(tmp_path, "cloudflared")


async def test_large_output_does_not_block_the_program(tmp_path):
    then = f"yes 'a long line of a log' | head -n 20000 >&2; touch {tmp_path}/written; exec sleep 600"
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED, then=then)))
    await tunnel.open(5000)
    async with asyncio.timeout(20):
        while not (tmp_path / "written").exists():  # noqa: ASYNC110 - another process, without an event
            await asyncio.sleep(0.02)
    assert tunnel.status.url == CLOUDFLARED_URL
    await tunnel.close()


def test_program_runs_on_the_background_loop(tmp_path):
    background = Background()
    background.start()
    tunnel = Tunnel(Cloudflared(path=install(tmp_path, "cloudflared", prints=program_output.CLOUDFLARED)))
    assert background.run(tunnel.open(5000)) == CLOUDFLARED_URL
    background.run(tunnel.close())
    background.stop()
    assert not is_running(tmp_path, "cloudflared")


# ---- devtunnel


@pytest.mark.parametrize(
    "prints", [program_output.DEVTUNNEL, program_output.DEVTUNNEL_TWO, program_output.DEVTUNNEL_NEW]
)
async def test_devtunnel_url_is_the_one_without_a_port(tmp_path, prints):
    tunnel = Tunnel(DevTunnel(path=install(tmp_path, "devtunnel", prints=prints)))
    assert await tunnel.open(5000) == DEVTUNNEL_URL
    assert read_arguments(tmp_path, "devtunnel") == "host -p 5000 --allow-anonymous"
    await tunnel.close()
    assert not is_running(tmp_path, "devtunnel")


async def test_named_dev_tunnel_requires_its_port(tmp_path):
    provider = DevTunnel("fun-book", 5000, path=install(tmp_path, "devtunnel", prints=program_output.DEVTUNNEL))
    tunnel = Tunnel(provider)
    with pytest.raises(TunnelUnavailable, match="start the listener on port 5000"):
        await tunnel.open(5001)
    assert await tunnel.open(5000) == DEVTUNNEL_URL
    assert read_arguments(tmp_path, "devtunnel") == "host fun-book"
    await tunnel.close()


@pytest.mark.parametrize(
    ("output", "message", "error_class"),
    [
        (program_output.DEVTUNNEL_LOGIN, "run: devtunnel user login", TunnelRefused),
        ("Login token expired. Please log in again.\n", "run: devtunnel user login", TunnelRefused),
        ("Tunnel service error: Tunnel not found.\n", "devtunnel create NAME", TunnelRefused),
        ("Error: No such host is known. (global.rel.tunnels.api.visualstudio.com:443)\n", "network", TunnelError),
        ("Tunnel service error: limit exceeded for tunnels per user\n", "devtunnel list", TunnelError),
        ("Unrecognized command or argument 'host'.\n", "its last output: Unrecognized command", TunnelError),
    ],
)
async def test_devtunnel_failures(tmp_path, output, message, error_class):
    path = install(tmp_path, "devtunnel", prints=output, then="exit 1")
    with pytest.raises(TunnelError, match=message) as raised:
        await Tunnel(DevTunnel(path=path)).open(5000)
    assert raised.type is error_class


async def test_refusal_is_raised_before_the_program_exits(tmp_path):
    path = install(tmp_path, "devtunnel", prints=program_output.DEVTUNNEL_LOGIN)
    with pytest.raises(TunnelRefused, match="devtunnel user login"):
        await Tunnel(DevTunnel(path=path)).open(5000)
    assert not is_running(tmp_path, "devtunnel")


def handle_user_show(text, wait=""):
    """Return shell lines that answer ``devtunnel user show``."""
    return f"""if [ "$1 $2" = "user show" ]; then {wait} printf '%s' "{text}"; exit 0; fi"""


async def test_check_reports_the_sign_in(tmp_path):
    path = install(tmp_path, "devtunnel", first=handle_user_show(program_output.DEVTUNNEL_SIGNED_IN))
    assert "you are signed in" in (await select_tunnel(DevTunnel(path=path))).reason
    install(tmp_path, "devtunnel", first=handle_user_show(program_output.DEVTUNNEL_LOGIN.replace("'", "")))
    with pytest.raises(TunnelUnavailable, match="run: devtunnel user login"):
        await select_tunnel(DevTunnel(path=path))


async def test_check_does_not_wait_for_a_slow_sign_in_report(tmp_path):
    path = install(tmp_path, "devtunnel", first=handle_user_show("", wait="exec sleep 600;"))
    async with asyncio.timeout(15):
        assert (await DevTunnel(path=path).check()).endswith("devtunnel.")


@pytest.mark.parametrize("text", ["My Bot:3978", "my-bot", "my-bot:x", "--help:1"])
def test_invalid_text_form_of_a_dev_tunnel(text):
    with pytest.raises(SettingsMissing, match="dev tunnel"):
        DevTunnel.parse(text)


async def test_program_that_cannot_be_run(tmp_path):
    (tmp_path / "devtunnel").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "devtunnel").chmod(0o755)
    with pytest.raises(TunnelUnavailable, match="cannot be run"):
        await DevTunnel(path=str(tmp_path)).check()


# ---- both


@pytest.mark.parametrize("provider_class", [Cloudflared, DevTunnel])
async def test_program_that_is_not_installed(provider_class, tmp_path):
    with pytest.raises(TunnelUnavailable, match=r"is not installed or not on PATH\. Get it from https://"):
        await select_tunnel(provider_class(path=str(tmp_path)))


def test_supervisor_returns_the_exit_status():
    command = (sys.executable, supervisor.__file__, "sh", "-c", "exit 3")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.wait(60) == 3
