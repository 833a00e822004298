// The actions of a call: which are available, why one is not, and which were requested but not answered yet.

import { createId } from "../common/dom.js";

const HANG_UP = "hang_up";

export class CallActions {
  constructor(connection, setup) {
    this.connection = connection;
    this.all = setup.actions;
    this.reasons = setup.reasons; // state -> action -> why it is not allowed
    this.requested = new Map(); // key of a call -> { id, text } of the last request of this page
  }

  find(name) {
    return this.all.find((action) => action.name === name);
  }

  // The actions shown in the row: those allowed in this state only, else Hang up; none after the call has ended.
  quickActions(row) {
    if (row.ended) return [];
    const quick = this.all.filter((action) => action.quick);
    const reasons = this.reasons[row.state];
    const special = quick.filter(({ name }) => name !== HANG_UP && reasons && !reasons[name]);
    return special.length ? special : quick.filter(({ name }) => name === HANG_UP);
  }

  // The result of the last action, or the request that the kernel has not handled yet. Other changes of the row were on
  // their way before the request arrived.
  outcome(row) {
    const requested = this.requested.get(row.key);
    return requested && requested.id !== row.request ? { kind: "busy", text: requested.text } : row.outcome;
  }

  reasonNotAllowed(row, action) {
    if (!this.connection.isOpen) {
      return this.connection.connected ? "The session is closed." : "The kernel is not connected.";
    }
    const outcome = this.outcome(row);
    if (outcome?.kind === "busy") return outcome.text;
    if (action.once && outcome?.kind === "done" && outcome.action === action.name) return outcome.text;
    return this.reasons[row.state]?.[action.name] ?? null;
  }

  // Returns false when the kernel cannot be reached.
  request(row, action, values) {
    const id = createId("request");
    const sent = this.connection.send({ kind: "act", call: row.id, action: action.name, values, request: id });
    if (sent) this.requested.set(row.key, { id, text: `${action.label} …` });
    return sent;
  }

  // Without a kernel, unanswered requests are lost.
  forgetRequests() {
    this.requested.clear();
  }
}
