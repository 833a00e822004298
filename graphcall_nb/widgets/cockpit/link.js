// One per widget and page: listens to the kernel and keeps the rows that all views in this page share.

const REST_MS = 2000;
const ASK_AGAIN_MS = 1000;

class Link {
  // read: makes a row object of a row of the wire; it must have a `key`
  constructor(model, read) {
    this.model = model;
    this.read = read;
    this.listeners = new Set();
    this.connected = false; // a saved notebook without a kernel has rows, but no present
    this.skew = Infinity;
    this.load(model.get("_state"));
    model.on("msg:custom", (message) => this.hear(message));
    model.on("change:_state", () => this.reload());
    model.on("comm_live_update", () => this.lost());
    this.ask();
  }

  // The kernel's present. Its clock may differ from the browser's.
  now() {
    return this.connected && this.live ? Math.max(Date.now() - this.skew, this.frozen) : this.frozen;
  }

  // Whether anything can be asked of the kernel.
  get open() {
    return this.connected && this.live;
  }

  load(state) {
    this.n = state.n;
    this.live = state.live;
    this.frozen = state.now;
    this.dropped = state.dropped;
    this.most = state.most;
    this.rows = new Map();
    for (const wire of state.rows) this.put(wire);
  }

  put(wire) {
    const row = this.read(wire);
    row.wire = wire;
    this.rows.set(row.key, row);
    return row;
  }

  // Tell the kernel what we have; it answers with all, or that nothing is missing. Once a second is enough.
  ask() {
    const wait = (this.asked ?? -Infinity) + ASK_AGAIN_MS - performance.now();
    if (wait > 0) {
      this.asking ??= setTimeout(() => {
        this.asking = null; // before asking: a timer may be early, and must then be set anew
        this.ask();
      }, wait);
      return;
    }
    this.asked = performance.now();
    if (!this.send({ kind: "hello", n: this.n })) this.connected = false;
  }

  send(message) {
    try {
      this.model.send(message);
      return true;
    } catch {
      return false;
    }
  }

  hear(message) {
    if (message?.kind !== "changes") {
      this.tell([], message);
      return;
    }
    if (message.n > this.n + 1) {
      this.ask(); // one was missed
      return;
    }
    this.live = message.live;
    this.frozen = message.now;
    const changed = message.n > this.n ? this.apply(message) : [];
    this.seen();
    this.tell(changed);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.keep(), REST_MS);
  }

  apply(message) {
    this.n = message.n;
    for (const key of message.gone ?? []) this.rows.delete(key);
    if (message.dropped !== undefined) this.dropped = message.dropped;
    const changed = (message.rows ?? []).map((wire) => this.put(wire));
    this.makeRoom();
    return changed;
  }

  // The oldest come first.
  makeRoom() {
    for (const key of this.rows.keys()) {
      if (!this.most || this.rows.size <= this.most) return;
      this.rows.delete(key);
    }
  }

  reload() {
    const state = this.model.get("_state");
    if (this.keeping || state.n < this.n) return; // messages may have overtaken it
    this.load(state);
    this.seen();
    this.tell([]);
  }

  seen() {
    this.connected = true;
    // The quickest message tells best how far the clocks are apart.
    this.skew = Math.min(this.skew, Date.now() - this.frozen);
  }

  // At rest everything is put where the page saves it with the notebook; nothing goes over the wire.
  keep() {
    const rows = [...this.rows.values()].map((row) => row.wire);
    const { n, live, dropped, most } = this;
    this.keeping = true;
    this.model.set("_state", { n, now: this.frozen, live, dropped, most, rows });
    this.keeping = false;
  }

  lost() {
    this.frozen = this.now();
    this.connected = false;
    this.tell([]);
  }

  tell(changed, message) {
    for (const listener of this.listeners) listener(changed, message);
  }
}
