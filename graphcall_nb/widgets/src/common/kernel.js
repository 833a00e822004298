// The connection of one widget in one page with the kernel; all views of the widget in this page share its store.

const SAVE_AFTER_MS = 2000;
const HELLO_INTERVAL_MS = 1000;

export class KernelConnection {
  // store: a Store with `base`, the moment from which its times are counted
  constructor(model, store) {
    this.model = model;
    this.store = store;
    this.listeners = new Set();
    this.connected = false; // a saved notebook without a kernel shows its last state
    this.clockSkew = Infinity;
    model.on("msg:custom", (message) => this.onMessage(message));
    model.on("change:_state", () => this.onState());
    model.on("comm_live_update", () => this.onDisconnect());
    this.requestUpdate();
  }

  // Whether the kernel accepts requests.
  get isOpen() {
    return this.connected && this.store.live;
  }

  // Whether time advances by itself; in a replay the kernel sends it.
  get isRunning() {
    return this.isOpen && !this.model.get("_setup").driven;
  }

  // The kernel's present time, in milliseconds of the store. The clocks of kernel and browser may differ.
  now() {
    if (!this.isRunning) return this.store.kernelTime;
    return Math.max(Date.now() - this.clockSkew - this.store.base, this.store.kernelTime);
  }

  // Sends the number of the last message received; the kernel answers with what is missing. At most once a second.
  requestUpdate() {
    const wait = (this.requestedAt ?? -Infinity) + HELLO_INTERVAL_MS - performance.now();
    if (wait > 0) {
      this.requestTimer ??= setTimeout(() => {
        this.requestTimer = null; // first: a timer may fire early and must then be set again
        this.requestUpdate();
      }, wait);
      return;
    }
    this.requestedAt = performance.now();
    if (!this.send({ kind: "hello", n: this.store.n })) this.connected = false;
  }

  // Returns false when the kernel cannot be reached.
  send(message) {
    try {
      this.model.send(message);
      return true;
    } catch {
      return false;
    }
  }

  onMessage(message) {
    if (message?.kind !== "changes") {
      this.notify([], message);
      return;
    }
    const changed = this.store.apply(message);
    if (changed === null) {
      this.requestUpdate();
      return;
    }
    this.markConnected();
    this.notify(changed);
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  onState() {
    if (this.saving || !this.store.load(this.model.get("_state"))) return;
    this.markConnected();
    this.notify([]);
  }

  onDisconnect() {
    this.store.kernelTime = this.now();
    this.connected = false;
    this.notify([]);
  }

  markConnected() {
    this.connected = true;
    // The message that travelled fastest gives the best estimate of the difference between the clocks.
    this.clockSkew = Math.min(this.clockSkew, Date.now() - this.store.base - this.store.kernelTime);
  }

  // Puts the state where the page saves it with the notebook; nothing is sent.
  save() {
    this.saving = true;
    this.model.set("_state", this.store.dump());
    this.saving = false;
  }

  // Listeners receive the changed items, or a message that is not a change.
  notify(changed, message) {
    for (const listener of this.listeners) listener(changed, message);
  }
}

// Makes the object that anywidget expects: one connection per widget and page, one View per view.
export function createWidget(createStore, View) {
  return () => {
    let connection;
    return {
      initialize({ model }) {
        connection = new KernelConnection(model, createStore(model.get("_state")));
      },
      render({ model, el }) {
        const view = new View(connection, el, model.get("_setup"));
        return () => view.remove();
      },
    };
  };
}
