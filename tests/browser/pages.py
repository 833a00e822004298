"""A notebook in a browser: opening, running, reading, and its errors."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request
from playwright.sync_api import TimeoutError as TooSlow

from .servers import VOILA, Server

SECONDS = 1000
OPEN_MS = 60 * SECONDS
RUN_MS = 120 * SECONDS

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Errors of the front ends themselves. Any other error fails a test that checks.
ACCEPTED_NOISE = tuple(
    re.compile(pattern)
    for pattern in (
        r"ERR_INTERNET_DISCONNECTED|ERR_NAME_NOT_RESOLVED",  # Voilà asks a CDN for an icon font
        r"#RUNTIME-0(06|12)",  # Voilà: module federation without docmanager and docregistry
        r"404 \(Not Found\)",  # a new workspace has not been saved yet
        r"^Cannot read properties of undefined \(reading 'schema'\)$",  # Notebook 7, now and then, while it starts
    )
)

# What the front ends fetch from elsewhere all by themselves.
ACCEPTED_FOREIGN = ("https://cdn.jsdelivr.net/npm/@fortawesome/",)  # Voilà: an icon font

# Holds every message to the kernel and from it, in order.
_DELAY_MESSAGES = """(delay) => {
    window.WebSocket = class extends window.WebSocket {
        send(data) {
            setTimeout(() => this.readyState === WebSocket.OPEN && super.send(data), delay);
        }
        set onmessage(handler) {
            super.onmessage = handler && ((event) => setTimeout(() => handler.call(this, event), delay));
        }
        get onmessage() {
            return super.onmessage;
        }
    };
}"""

_PANEL = "window.jupyterapp?.shell?.currentWidget"


def find_chromium() -> str | None:
    """Return the browser to use: $GRAPHCALL_CHROMIUM, else an installed one; nothing is downloaded."""
    named = os.environ.get("GRAPHCALL_CHROMIUM")
    names = (named,) if named else ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def write_notebook(root: Path, name: str, *cells: str) -> str:
    """Write a notebook of code cells into a server's folder and return its name."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, root / name)
    return name


# Voilà keeps the kernel of a page that is closed, and a session in it goes on. Its server compares cookie and header.
_SHUT_DOWN_VOILA = """async () => {
    const settings = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
    document.cookie = "_xsrf=00ff; path=/";
    const request = { method: "POST", headers: { "X-XSRFToken": "00ff" } };
    if (settings.kernelId) await fetch(`/voila/api/shutdown/${settings.kernelId}`, request);
}"""


class NotebookPage:
    """One notebook in a page of its own; messages to its kernel and from it take ``delay_ms`` each way.

    ``errors`` are complaints of the browser's console but for :data:`ACCEPTED_NOISE`, ``foreign`` the addresses asked
    for outside this machine but for :data:`ACCEPTED_FOREIGN`.
    """

    def __init__(self, browser: Browser, server: Server, *, delay_ms: int = 0, **context: Any) -> None:
        self.server = server
        self.context = browser.new_context(**({"viewport": {"width": 1100, "height": 900}} | context))
        if delay_ms:
            self.context.add_init_script(f"({_DELAY_MESSAGES})({delay_ms})")
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("request", self._asked)

    # ---- opening and running

    def open(self, notebook: str) -> NotebookPage:
        """Show a notebook of the server's folder; in Voilà that runs it, elsewhere the kernel is made ready.

        About one page in fifty never gets its kernel in these front ends, with no widget in sight; it is opened again,
        once.
        """
        try:
            self._open(notebook)
        except TooSlow:
            self.page.goto("about:blank")
            self._open(notebook)
        return self

    def _open(self, notebook: str) -> None:
        self.page.goto(self.server.address(notebook), timeout=OPEN_MS)
        if self.server.kind is not VOILA:
            self.page.wait_for_function(f"{_PANEL}?.sessionContext?.isReady", timeout=OPEN_MS)
            self.page.evaluate(f"async () => {{ await {_PANEL}.sessionContext.ready; await {_PANEL}.revealed; }}")

    def show(self, *cells: str, name: str = "test.ipynb", theme: str = "light") -> NotebookPage:
        """Write a notebook of these cells, open it and run it; in JupyterLab and Notebook 7 the theme stays."""
        address = write_notebook(self.server.root, name, *cells)
        if self.server.kind is VOILA:
            return self.open(f"{address}?theme={theme}")
        self.open(address)
        if theme == "dark":
            self.theme("JupyterLab Dark")
        return self.run_all()

    def show_cell(self, code: str) -> NotebookPage:
        """Replace the last code cell of the open notebook and run it."""
        script = f"""(code) => {{
            const {{ content }} = {_PANEL};
            if (content.widgets.length > 1) content.model.sharedModel.deleteCell(content.widgets.length - 1);
            content.model.sharedModel.addCell({{ cell_type: "code", source: code, metadata: {{}} }});
            content.activeCellIndex = content.widgets.length - 1;
            content.deselectAll();
        }}"""
        self.page.evaluate(script, code)
        self.command("notebook:run-cell")
        self.wait_idle()
        return self

    def run_all(self) -> NotebookPage:
        """Run all cells and wait until the kernel is idle again. Voilà has done so already."""
        if self.server.kind is not VOILA:
            self.page.set_default_timeout(RUN_MS)
            self.command("notebook:run-all-cells")
            self.wait_idle()
            self.page.set_default_timeout(30 * SECONDS)
        return self

    def wait_idle(self) -> None:
        """Wait until the kernel is idle."""
        self.page.wait_for_function(f"{_PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=RUN_MS)

    def execute(self, code: str) -> str:
        """Run code in the notebook's kernel outside of cells and return its output. An error fails the test."""
        script = f"""async (code) => {{
            const future = {_PANEL}.sessionContext.session.kernel.requestExecute({{ code }});
            let text = "";
            future.onIOPub = ({{ content }}) => {{ text += content.text ?? content.evalue ?? ""; }};
            const reply = await future.done;
            return [reply.content.status, text];
        }}"""
        status, text = self.page.evaluate(script, code)
        assert status == "ok", text
        return str(text)

    def command(self, name: str, **arguments: Any) -> None:
        """Run a command of the front end, as its menus do."""
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments])

    def restart_kernel(self) -> None:
        self.page.evaluate(f"async () => {{ await {_PANEL}.sessionContext.restartKernel(); }}")

    def save(self) -> None:
        self.command("docmanager:save")

    def reload(self) -> NotebookPage:
        """Load the page again; the kernel stays."""
        self.page.reload(timeout=OPEN_MS)
        return self.open_again()

    def open_again(self) -> NotebookPage:
        if self.server.kind is not VOILA:
            self.page.wait_for_function(f"{_PANEL}?.sessionContext?.isReady", timeout=OPEN_MS)
        return self

    def theme(self, name: str) -> None:
        """Change the theme of JupyterLab or Notebook 7: ``"JupyterLab Dark"`` or ``"JupyterLab Light"``."""
        self.command("apputils:change-theme", theme=name)
        light = str(name.endswith("Light")).lower()
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")

    # ---- looking

    def locate(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def cell_errors(self) -> list[str]:
        """Return the errors of cells."""
        if self.server.kind is VOILA:
            return self.page.locator(".jp-RenderedText[data-mime-type*=stderr]").all_inner_texts()
        cells = self.page.evaluate(f"{_PANEL}.content.model.toJSON().cells")
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        return [f"{one['ename']}: {one['evalue']}" for one in outputs if one["output_type"] == "error"]

    def close(self) -> None:
        """End the kernel and the page."""
        if not self.page.is_closed():
            shutdown = _SHUT_DOWN_VOILA if self.server.kind is VOILA else f"{_PANEL}?.sessionContext?.shutdown()"
            self.page.evaluate(shutdown)
        self.context.close()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(message.text)

    def _complain(self, text: str) -> None:
        if not any(noise.search(text) for noise in ACCEPTED_NOISE):
            self.errors.append(text)

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("http", "ws")) and not request.url.startswith((self.server.url, *ACCEPTED_FOREIGN)):
            self.foreign.append(request.url)
