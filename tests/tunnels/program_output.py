"""Stand-ins for tunnel programs: shell scripts that print published transcripts of the real programs."""

import os

CLOUDFLARED_START = """\
2026-11-24T09:15:01Z INF Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick \
way to experiment and try it out. However, be aware that these account-less Tunnels have no uptime guarantee. If you \
intend to use Tunnels in production you should use a pre-created named tunnel by following: \
https://developers.cloudflare.com/cloudflare-one/connections/connect-apps
2026-11-24T09:15:01Z INF Requesting new quick Tunnel on trycloudflare.com...
"""
CLOUDFLARED_BOX = """\
2026-11-24T09:15:04Z INF +----------------------------------------------------------------------------------------+
2026-11-24T09:15:04Z INF |  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable): |
2026-11-24T09:15:04Z INF |  https://buffalo-marco-cardiff-motel.trycloudflare.com                                  |
2026-11-24T09:15:04Z INF +----------------------------------------------------------------------------------------+
2026-11-24T09:15:04Z INF Starting metrics server on 127.0.0.1:33575/metrics
"""
CLOUDFLARED_UP = """\
2026-11-24T09:15:05Z INF Registered tunnel connection connIndex=0 connection=830bf962-7674-4e02-b648-65177c832c67 \
event=0 ip=198.41.192.167 location=lax08 protocol=quic
"""
CLOUDFLARED_RETRY = """\
2026-11-24T09:25:54Z WRN Serve tunnel error error="timeout: no recent network activity" connIndex=0 event=0
2026-11-24T09:25:54Z INF Retrying connection in up to 2s connIndex=0 event=0 ip=198.41.192.57
"""
CLOUDFLARED_OFFLINE = """\
failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com on \
127.0.0.11:53: no such host
"""
CLOUDFLARED_TOO_MANY = """\
2026-11-24T09:25:34Z ERR Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character 'e' \
looking for beginning of value" status_code="429 Too Many Requests"
failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value
"""
CLOUDFLARED_ODD = """\
failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value
"""
CLOUDFLARED = CLOUDFLARED_START + CLOUDFLARED_BOX + CLOUDFLARED_UP

DEVTUNNEL = """\
Hosting port: 5000
Connect via browser: https://406cplzz-5000.asse.devtunnels.ms
Inspect network activity: https://406cplzz-5000-inspect.asse.devtunnels.ms

Ready to accept connections for tunnel: fun-book-w7cfrxs.asse
"""
DEVTUNNEL_TWO = """\
Hosting port: 5000
Connect via browser: https://406cplzz.asse.devtunnels.ms:5000, https://406cplzz-5000.asse.devtunnels.ms
Inspect network activity: https://406cplzz-5000-inspect.asse.devtunnels.ms

Ready to accept connections for tunnel: fun-book-w7cfrxs.asse
"""
DEVTUNNEL_NEW = """\
Hosting port 5000 at https://406cplzz-5000.asse.devtunnels.ms/
Inspect network activity: https://406cplzz-5000-inspect.asse.devtunnels.ms/

\x1b[32mReady to accept connections for tunnel: fun-book-w7cfrxs.asse\x1b[0m
"""
DEVTUNNEL_LOGIN = "Not logged in. Use 'devtunnel user login' to log in.\n"
DEVTUNNEL_SIGNED_IN = "Logged in as ann@example.org using Microsoft.\n"


def install(folder, name, *, prints="", then="exec sleep 600", first=""):
    """Write a script into a folder and return the folder; shell lines run ``first`` and, after the output, ``then``."""
    program = folder / name
    (folder / f"{name}.txt").write_text(prints)
    # The arguments are written to a file for the test.
    lines = [f'echo "$@" >> "{folder}/{name}.args"', f'echo $$ > "{folder}/{name}.pid"', first]
    program.write_text("\n".join(["#!/bin/sh", *lines, f'cat "{folder}/{name}.txt" >&2', then, ""]))
    program.chmod(0o755)
    return str(folder)


def read_arguments(folder, name):
    """Return the arguments of the last start."""
    return (folder / f"{name}.args").read_text().splitlines()[-1]


def is_running(folder, name):
    """Return whether the program started last is still running."""
    try:
        os.kill(int((folder / f"{name}.pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True
