// What the kernel said so far: items by key in the order they came, and which of its messages they are up to.

class Kept {
  // `name` is what the messages call the items. A subclass has `put(wire)`, which keeps one and returns it, and `hear(news)`
  // for what else there is in a state or a message; it loads its first state itself.
  constructor(name) {
    this.name = name;
    this.version = 0; // grows with each change, so that others know when to look again
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

  find(id) {
    return this.all.find((item) => item.id === id);
  }

  // Everything anew. False when it is older than what is here: messages may overtake it.
  load(state) {
    if (state.n < this.n) return false;
    this.items.clear();
    this.n = state.n;
    this.live = state.live;
    this.frozen = state.now;
    this.take(state);
    return true;
  }

  // The next changes; returns the items that changed, or null when a message was missed.
  apply(message) {
    if (message.n > this.n + 1) return null;
    this.live = message.live;
    this.frozen = message.now;
    if (message.n <= this.n) return [];
    this.n = message.n;
    for (const key of message.gone ?? []) this.items.delete(key);
    return this.take(message);
  }

  take(news) {
    if (news.dropped !== undefined) this.dropped = news.dropped;
    this.hear(news);
    const changed = (news[this.name] ?? []).map((wire) => this.put(wire));
    this.version += 1;
    return changed;
  }

  // The whole as the kernel would send it: kept in the page, so that a saved notebook has it. `write` makes an item's wire.
  dump(write) {
    const { n, live, dropped, frozen } = this;
    return { n, now: frozen, live, dropped, [this.name]: this.all.map(write) };
  }
}
