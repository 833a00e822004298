"""The bot of the page for Node, and its tests, against ``graphcall-nb simulate --tls``.

``@azure/msal-node`` comes from the npm registry, like the libraries of ``test_msal_node.py``.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("GRAPHCALL_NODE_LIBRARIES", "missing"))
PAGE = (Path(__file__).parent.parent.parent / "docs" / "bot-in-node.md").read_text("utf-8")

pytestmark = pytest.mark.skipif(
    not (FOLDER / "node_modules" / "@azure").is_dir(), reason="GRAPHCALL_NODE_LIBRARIES has none of the libraries"
)


def test_tests_of_the_bot_pass(tmp_path):
    for name, content in re.findall(r'```js title="(.*?)"\n(.*?)```', PAGE, re.DOTALL):
        (tmp_path / name).write_text(content)
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    command = [sys.executable, "-m", "graphcall_nb", "simulate", "--tls-dir", tmp_path, "--virtual-time", "--env"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        (tmp_path / ".env").write_text("".join(service.stdout.readline() for _ in range(7)))
        environ = os.environ | {"NODE_EXTRA_CA_CERTS": str(tmp_path / "ca.pem")}
        command = ["node", "--env-file=.env", "--test"]
        ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
        service.terminate()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"pass 4\b", ended.stdout)
