"""The public path on one machine: HTTPS, Caddy, sshd, a forwarded port."""

import contextlib
import getpass
import os
import shutil
import signal
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from graphcall_nb.tunnels import Ssh

from .servers import free_port, run_program

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
CADDY = shutil.which("caddy")

needs_sshd = pytest.mark.skipif(SSHD is None, reason="no sshd; on Debian: apt-get install openssh-server")
needs_caddy = pytest.mark.skipif(CADDY is None, reason="no caddy; on Debian: apt-get install caddy")


@dataclass
class SshServer:
    """An OpenSSH server with its own keys."""

    folder: Path
    port: int
    remote_port: int
    process: subprocess.Popen | None = None

    @classmethod
    def prepare(cls, folder):
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        server = cls(folder, free_port(), free_port())
        server.permit(server.remote_port)
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {(folder / 'host.pub').read_text()}")
        (folder / "sshd_config").write_text(
            f"Port {server.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
            "UsePAM no\nStrictModes no\n"
            f"PasswordAuthentication no\nPermitRootLogin yes\nAuthorizedKeysFile {folder}/authorized_keys\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd asks for it when root runs it
        return server

    def permit(self, port):
        """Allow the user's key to forward one port and nothing else."""
        line = f'restrict,port-forwarding,permitlisten="127.0.0.1:{port}" {(self.folder / "user.pub").read_text()}'
        (self.folder / "authorized_keys").write_text(line)

    @contextlib.contextmanager
    def run(self):
        log = self.folder / "sshd.log"
        with run_program(SSHD, "-D", "-e", "-f", self.folder / "sshd_config", port=self.port, log=log) as self.process:
            try:
                yield self
            finally:
                self.kill()

    def sessions(self):
        """Return the process ids of the connections, which are not in sshd's process group."""
        return list_descendants(self.process.pid)

    def kill(self):
        """Kill sshd and all its connections, as when the machine is switched off."""
        pids = [*self.sessions(), self.process.pid]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    @property
    def fingerprint(self):
        output = subprocess.run(
            ["ssh-keygen", "-lf", self.folder / "host.pub"], capture_output=True, text=True, check=True
        )
        return output.stdout.split()[1]

    def settings(self, **changes):
        """Return the parameters of ``Ssh`` besides the host."""
        return {
            "url": "https://bot.example.org",
            "remote_port": self.remote_port,
            "user": getpass.getuser(),
            "port": self.port,
            "client_keys": (str(self.folder / "user"),),
            "known_hosts": str(self.folder / "known_hosts"),
            **changes,
        }

    def provider(self, **changes):
        return Ssh("127.0.0.1", **self.settings(**changes))


def list_descendants(pid):
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [*map(int, children), *(grandchild for child in children for grandchild in list_descendants(child))]


@contextlib.contextmanager
def run_caddy(folder, upstream_port):
    """Run Caddy with its own certificate authority in front of a port; yield its URL and an SSL context."""
    port = free_port()
    (folder / "Caddyfile").write_text(
        "{\n admin off\n skip_install_trust\n auto_https disable_redirects\n}\n"
        f"https://localhost:{port} {{\n tls internal\n reverse_proxy 127.0.0.1:{upstream_port}\n}}\n"
    )
    env = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    command = (CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile")
    with run_program(*command, port=port, log=folder / "caddy.log", env=env):
        yield (
            f"https://localhost:{port}",
            ssl.create_default_context(cafile=folder / "caddy/pki/authorities/local/root.crt"),
        )
