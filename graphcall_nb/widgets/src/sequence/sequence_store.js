// The messages of a sequence diagram, in the order of time.

import { pluralize } from "../common/format.js";
import { Store } from "../common/store.js";

const SIGNAL = "signal"; // between Graph and the other side: it has no message of the API

export class SequenceStore extends Store {
  constructor(state) {
    super("messages");
    this.load(state);
  }

  readExtras({ base }) {
    if (base !== undefined) this.base = base;
  }

  put([key, at, call, kind, sender, receiver, text, state, color, remark, json]) {
    const message = { key, at, call, kind, sender, receiver, text, state, color, remark, json };
    message.isSignal = kind === SIGNAL;
    this.items.set(key, message);
    return message;
  }

  dump() {
    const write = ({ key, at, call, kind, sender, receiver, text, state, color, remark, json }) => [
      key,
      at,
      call,
      kind,
      sender,
      receiver,
      text,
      state,
      color,
      remark,
      json,
    ];
    return { ...super.dump(write), base: this.base };
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
