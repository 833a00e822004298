// The messages of a sequence diagram, in the order of time.

import { pluralize } from "../common/format.js";
import { Store } from "../common/store.js";

const SIGNAL = "signal"; // between Graph and the other side: it has no message of the API

const FIELDS = ["key", "at", "call", "kind", "sender", "receiver", "text", "state", "color", "remark", "json"];

export class SequenceStore extends Store {
  constructor(state) {
    super("messages");
    this.load(state);
  }

  readExtras({ base }) {
    if (base !== undefined) this.base = base;
  }

  put(values) {
    const message = Object.fromEntries(FIELDS.map((name, index) => [name, values[index]]));
    message.isSignal = message.kind === SIGNAL;
    this.items.set(message.key, message);
    return message;
  }

  dump() {
    return { ...super.dump((message) => FIELDS.map((name) => message[name])), base: this.base };
  }

  // Messages of one call, or of all, in the order of time.
  rows(call) {
    const chosen = this.all.filter((message) => !call || message.call === call);
    return chosen.sort((a, b) => a.at - b.at || a.key - b.key);
  }

  // Ids of the calls, in the order of their first message.
  get calls() {
    return [...new Set(this.rows().map((message) => message.call))].filter(Boolean);
  }

  // The message that arrived last.
  get newest() {
    return this.all.filter((message) => !message.isSignal).reduce((a, b) => (a && a.key > b.key ? a : b), undefined);
  }

  describe() {
    const count = this.all.filter((message) => !message.isSignal).length;
    return count ? pluralize(count, "message") : "No messages yet";
  }
}
