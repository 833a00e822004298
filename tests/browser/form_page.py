"""A form in a page, and a person who clicks and types in it."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, expect

from .pages import NotebookPage
from .test_timeline import PATIENCE

FOLDS = ("gc-source", "gc-media", "gc-meeting", "gc-advanced")


class FormPage:
    """The first form of a page."""

    def __init__(self, notebook: NotebookPage) -> None:
        self.notebook = notebook
        self.root = notebook.locate(".gc-form").first
        self.json = self.root.locator(".gc-json textarea")
        self.outcome = self.root.locator(".gc-outcome")
        self.create = self.root.locator("button.gc-create")

    # ---- what a person does

    def text(self, css: str, index: int = 0) -> Locator:
        return self.root.locator(f".{css} input").nth(index)

    def fill(self, css: str, text: str | None, index: int = 0) -> None:
        if text is not None:
            self.text(css, index).fill(text)

    def choose(self, css: str, value: str, index: int = 0) -> None:
        self.root.locator(f".{css} select").nth(index).select_option(label=value)

    def press(self, css: str, index: int = 0) -> None:
        self.root.locator(f"button.{css}").nth(index).click()

    def check(self, css: str) -> None:
        self.root.locator(f".{css} input").check()

    def unfold(self, *folds: str) -> None:
        for css in folds or FOLDS:
            self.press_fold(css)

    def press_fold(self, css: str) -> None:
        self.root.locator(f".{css} .gc-fold button").click()

    def pane(self, name: str) -> None:
        self.root.locator(".gc-panes-choice button").get_by_text(name, exact=True).click()

    def paste(self, text: str) -> None:
        self.pane("Paste")
        self.root.locator(".gc-paste textarea").fill(text)
        self.press("gc-paste-use")

    # ---- a whole body, from an empty form

    def build(self, body: dict[str, Any]) -> None:
        """Reach a body by clicks and typing alone."""
        self.unfold()
        self.fill("gc-callback", body["callbackUri"])
        self.fill("gc-subject", body["subject"])
        self.fill("gc-tenant", body.get("tenantId"))
        self._source(body["source"])
        for word in body.get("requestedModalities", []):
            self.check(f"gc-word-{word}")
        for index, target in enumerate(body.get("targets", [])):
            self._target(index, target["identity"])
        self._media(body["mediaConfig"])
        if "meetingInfo" in body:
            self._meeting(body["meetingInfo"]["organizer"]["user"], body["chatInfo"])

    def _source(self, source: dict[str, Any]) -> None:
        self._identity("source", source["identity"]["application"])
        self.fill("gc-language", source.get("languageId"))
        self.fill("gc-region", source.get("region"))

    def _target(self, index: int, identity: dict[str, Any]) -> None:
        [(kind, fields)] = identity.items()
        self.press("gc-add-phone" if kind == "phone" else "gc-add-target")
        self._identity("target", fields, index)

    def _identity(self, who: str, fields: dict[str, str], index: int = 0) -> None:
        for member, css in (("id", "id"), ("displayName", "name"), ("tenantId", "tenant")):
            self.fill(f"gc-{who}-{css}", fields.get(member), index)

    def _media(self, media: dict[str, Any]) -> None:
        self.choose("gc-media-kind", "App hosted" if "blob" in media else "Service hosted")
        self.fill("gc-blob", media.get("blob"))
        if "removeFromDefaultAudioGroup" in media:
            self.choose("gc-remove-from-group", str(media["removeFromDefaultAudioGroup"]).lower())
        for index, sound in enumerate(media.get("preFetchMedia", [])):
            self.press("gc-add-sound")
            self.fill("gc-sound-uri", sound["uri"], index)
            self.fill("gc-sound-key", sound["resourceId"], index)

    def _meeting(self, organizer: dict[str, str], chat: dict[str, Any]) -> None:
        self.choose("gc-meeting-kind", "By organizer")
        self.fill("gc-organizer-id", organizer["id"])
        self.fill("gc-organizer-tenant", organizer["tenantId"])
        self.fill("gc-thread", chat["threadId"])
        self.fill("gc-message", chat["messageId"])
        if "replyChainMessageId" in chat:
            self.check("gc-reply-chain-null")

    # ---- what a person sees

    def shows(self, body: dict[str, Any]) -> None:
        """Wait until the JSON pane shows this body, whatever the order of members."""
        script = """([area, wanted]) => {
            const sorted = (value) => value && typeof value === "object" && !Array.isArray(value)
                ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
                : Array.isArray(value) ? value.map(sorted) : value;
            try { return JSON.stringify(sorted(JSON.parse(area.value))) === JSON.stringify(sorted(wanted)); }
            catch { return false; }
        }"""
        self.notebook.page.wait_for_function(script, arg=[self.json.element_handle(), body], timeout=PATIENCE)

    def error_at(self, css: str, index: int = 0) -> Locator:
        """What is said to be wrong beside a control."""
        return self.root.locator(f".gc-field:has(> .{css}) .gc-error").nth(index)

    def says(self, text: str) -> None:
        """Wait until the outcome of Create says this."""
        expect(self.outcome).to_contain_text(text, timeout=PATIENCE)

    def call(self) -> Any:
        """The call as the kernel has it."""
        return json.loads(self.notebook.execute("import json; print(json.dumps(form.call.to_json_dict()))"))
