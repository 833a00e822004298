// Items received from the kernel, by key and in the order of arrival, with the number of the last message applied.

export class Store {
  // `name` is the member of a message that lists the items. A subclass defines `put(wire)`, which stores and returns one
  // item, and `readExtras(message)` for other members; its constructor calls `load`.
  constructor(name) {
    this.name = name;
    this.version = 0; // grows with each change, so that a reader can tell whether to read again
    this.items = new Map();
  }

  get size() {
    return this.items.size;
  }

  get all() {
    return [...this.items.values()];
  }

  get(key) {
    return this.items.get(key);
  }

  findById(id) {
    return this.all.find((item) => item.id === id);
  }

  // Replaces everything. Returns false for a state older than this one: a message may have overtaken it.
  load(state) {
    if (state.n < this.n) return false;
    this.items.clear();
    this.n = state.n;
    this.live = state.live;
    this.kernelTime = state.now;
    this.merge(state);
    return true;
  }

  // Applies the next message; returns the changed items, or null when a message in between was missed.
  apply(message) {
    if (message.n > this.n + 1) return null;
    this.live = message.live;
    this.kernelTime = message.now;
    if (message.n <= this.n) return [];
    this.n = message.n;
    for (const key of message.gone ?? []) this.items.delete(key);
    return this.merge(message);
  }

  merge(message) {
    if (message.dropped !== undefined) this.dropped = message.dropped;
    this.readExtras(message);
    const changed = (message[this.name] ?? []).map((wire) => this.put(wire));
    this.version += 1;
    return changed;
  }

  // The state as the kernel would send it, for the page to save with the notebook. `write` makes the wire of an item.
  dump(write) {
    const { n, live, dropped, kernelTime } = this;
    return { n, now: kernelTime, live, dropped, [this.name]: this.all.map(write) };
  }
}
