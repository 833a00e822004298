"""A form in a page, controlled by clicks and typing."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, expect

from .pages import NotebookPage
from .test_timeline import PATIENCE

FOLDS = ("gcf-source", "gcf-media", "gcf-meeting", "gcf-advanced")


class FormPage:
    """The first form of a page."""

    def __init__(self, notebook: NotebookPage) -> None:
        self.notebook = notebook
        self.root = notebook.locate(".gcf-form").first
        self.json = self.root.locator(".gcf-json textarea")
        self.outcome = self.root.locator(".gcf-outcome")
        self.create = self.root.locator("button.gcf-create")

    # ---- actions

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
        for css in (folds or FOLDS) * 2:  # a chosen template may open a section just before it is pressed
            if self.root.locator(f".{css} .gcf-fold button[aria-expanded=false]").count():
                self.press_fold(css)

    def is_open(self, css: str) -> None:
        """Wait until the section is open, as one that the chosen template fills is."""
        expect(self.root.locator(f".{css} .gcf-fold button")).to_have_attribute("aria-expanded", "true")

    def press_fold(self, css: str) -> None:
        self.root.locator(f".{css} .gcf-fold button").click()

    def pane(self, name: str) -> None:
        self.root.locator(".gcf-tabs-choice button").get_by_text(name, exact=True).click()

    def paste(self, text: str) -> None:
        self.pane("Paste")
        self.root.locator(".gcf-paste textarea").fill(text)
        self.press("gcf-paste-use")

    # ---- a whole body, from an empty form

    def build(self, body: dict[str, Any]) -> None:
        """Build a body by clicks and typing only."""
        self.unfold()
        self.fill("gcf-callback", body["callbackUri"])
        self.fill("gcf-subject", body["subject"])
        self.fill("gcf-tenant", body.get("tenantId"))
        self._source(body["source"])
        for word in body.get("requestedModalities", []):
            self.check(f"gcf-word-{word}")
        for index, target in enumerate(body.get("targets", [])):
            self._target(index, target["identity"])
        self._media(body["mediaConfig"])
        if "meetingInfo" in body:
            self._meeting(body["meetingInfo"]["organizer"]["user"], body["chatInfo"])

    def _source(self, source: dict[str, Any]) -> None:
        self._identity("source", source["identity"]["application"])
        self.fill("gcf-language", source.get("languageId"))
        self.fill("gcf-region", source.get("region"))

    def _target(self, index: int, identity: dict[str, Any]) -> None:
        [(kind, fields)] = identity.items()
        self.press("gcf-add-phone" if kind == "phone" else "gcf-add-target")
        self._identity("target", fields, index)

    def _identity(self, who: str, fields: dict[str, str], index: int = 0) -> None:
        for member, css in (("id", "id"), ("displayName", "name"), ("tenantId", "tenant")):
            self.fill(f"gcf-{who}-{css}", fields.get(member), index)

    def _media(self, media: dict[str, Any]) -> None:
        self.choose("gcf-media-kind", "App hosted" if "blob" in media else "Service hosted")
        self.fill("gcf-blob", media.get("blob"))
        if "removeFromDefaultAudioGroup" in media:
            self.choose("gcf-remove-from-group", str(media["removeFromDefaultAudioGroup"]).lower())
        for index, sound in enumerate(media.get("preFetchMedia", [])):
            self.press("gcf-add-sound")
            self.fill("gcf-sound-uri", sound["uri"], index)
            self.fill("gcf-sound-key", sound["resourceId"], index)

    def _meeting(self, organizer: dict[str, str], chat: dict[str, Any]) -> None:
        self.choose("gcf-meeting-kind", "By organizer")
        self.fill("gcf-organizer-id", organizer["id"])
        self.fill("gcf-organizer-tenant", organizer["tenantId"])
        self.fill("gcf-thread", chat["threadId"])
        self.fill("gcf-message", chat["messageId"])
        if "replyChainMessageId" in chat:
            self.check("gcf-reply-chain-null")

    # ---- content

    def shows(self, body: dict[str, Any]) -> None:
        """Wait until the JSON tab shows this body, in any order of members."""
        script = """([area, wanted]) => {
            const sorted = (value) => value && typeof value === "object" && !Array.isArray(value)
                ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
                : Array.isArray(value) ? value.map(sorted) : value;
            try { return JSON.stringify(sorted(JSON.parse(area.value))) === JSON.stringify(sorted(wanted)); }
            catch { return false; }
        }"""
        self.notebook.page.wait_for_function(script, arg=[self.json.element_handle(), body], timeout=PATIENCE)

    def error_at(self, css: str, index: int = 0) -> Locator:
        """Return the error beside a control."""
        return self.root.locator(f".gcf-field:has(> .{css}) .gcf-error").nth(index)

    def says(self, text: str) -> None:
        """Wait until the outcome of Create call contains this text."""
        expect(self.outcome).to_contain_text(text, timeout=PATIENCE)

    def call(self) -> Any:
        """Return the call in the kernel."""
        return json.loads(self.notebook.execute("import json; print(json.dumps(form.call.to_json_dict()))"))
