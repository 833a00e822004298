// The message that was chosen: its direction, its time, and its JSON.

import { createCopyButton, createElement, setText } from "../common/dom.js";
import { formatClockExact } from "../common/format.js";

const SIGNAL_NOTE = "Not a message of the API: it follows from this notification.";

export class MessageDetails {
  constructor() {
    this.box = createElement("div", "gcs-details");
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", "JSON of the message");
    this.title = createElement("p", "gcs-details-title");
    this.facts = createElement("p", "gcs-facts");
    this.json = createElement("pre", "gcs-json");
    this.json.dataset.lmSuppressShortcuts = "true";
    this.copy = createCopyButton(this.json, "Copy the JSON of the message");
    const head = createElement("div", "gcs-details-head");
    head.append(this.title, this.copy);
    this.box.append(head, this.facts, this.json);
    this.show(undefined);
  }

  show(message, description = "", base = 0) {
    this.copy.hidden = this.json.hidden = !message?.json;
    this.json.tabIndex = message?.json ? 0 : -1;
    if (!message) {
      setText(this.title, "");
      setText(this.facts, "Click a message, or choose it with the arrow keys, to see its JSON.");
      return;
    }
    setText(this.title, description);
    const facts = [formatClockExact(message.at + base), message.call && `call ${message.call}`];
    if (message.isSignal) facts.push(SIGNAL_NOTE);
    else if (!message.json) facts.push("It has no body.");
    setText(this.facts, facts.filter(Boolean).join(" · "));
    setText(this.json, message.json);
  }
}
