// One per widget and page: listens to the kernel, and keeps the store that all views in this page share.

const REST_MS = 2000;
const ASK_AGAIN_MS = 1000;

class Link {
  // store: a Kept with `base`, the moment from which its times are counted
  constructor(model, store) {
    this.model = model;
    this.store = store;
    this.listeners = new Set();
    this.connected = false; // a saved notebook without a kernel has a picture, but no present
    this.skew = Infinity;
    model.on("msg:custom", (message) => this.hear(message));
    model.on("change:_state", () => this.reload());
    model.on("comm_live_update", () => this.lost());
    this.ask();
  }

  // Whether anything can be asked of the kernel.
  get open() {
    return this.connected && this.store.live;
  }

  // Whether time goes on by itself; in a replay it is told.
  get growing() {
    return this.open && !this.model.get("_setup").driven;
  }

  // The kernel's present, in milliseconds of the store. The kernel's clock may differ from the browser's.
  now() {
    if (!this.growing) return this.store.frozen;
    return Math.max(Date.now() - this.skew - this.store.base, this.store.frozen);
  }

  // Tell the kernel what we have; it answers with what is missing, or that nothing is. Once a second is enough.
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
    if (!this.send({ kind: "hello", n: this.store.n })) this.connected = false;
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
    const changed = this.store.apply(message);
    if (changed === null) {
      this.ask();
      return;
    }
    this.seen();
    this.tell(changed);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.keep(), REST_MS);
  }

  reload() {
    if (this.keeping || !this.store.load(this.model.get("_state"))) return;
    this.seen();
    this.tell([]);
  }

  seen() {
    this.connected = true;
    // The quickest message tells best how far the clocks are apart.
    this.skew = Math.min(this.skew, Date.now() - this.store.base - this.store.frozen);
  }

  // At rest everything is put where the page saves it with the notebook; nothing goes over the wire.
  keep() {
    this.keeping = true;
    this.model.set("_state", this.store.dump());
    this.keeping = false;
  }

  lost() {
    this.store.frozen = this.now();
    this.connected = false;
    this.tell([]);
  }

  // What changed, or a message that is no change.
  tell(changed, message) {
    for (const listener of this.listeners) listener(changed, message);
  }
}

// What anywidget calls: once for each widget in a page, then `render` for each view of it.
function widgetOf(makeStore, View) {
  return () => {
    let link;
    return {
      initialize({ model }) {
        link = new Link(model, makeStore(model.get("_state")));
      },
      render({ model, el }) {
        const view = new View(link, el, model.get("_setup"));
        return () => view.remove();
      },
    };
  };
}
