// Keeps what the kernel said: calls, each with its states and when they began. It draws nothing.

const TERMINATED = "terminated";

class Store {
  constructor(state) {
    this.version = 0; // grows with each change, so that others know when to look again
    this.load(state);
  }

  // Everything anew. False when it is older than what is here: messages may overtake it.
  load(state) {
    if (this.calls && state.n < this.n) return false;
    this.n = state.n;
    this.base = state.base;
    this.live = state.live;
    this.frozen = state.now;
    this.setStates(state.states);
    this.dropped = state.dropped;
    this.calls = new Map();
    for (const wire of state.calls) this.put(wire);
    this.version += 1;
    return true;
  }

  // The next changes; returns the calls that changed, or null when a message was missed.
  apply(message) {
    if (message.n > this.n + 1) return null;
    this.live = message.live;
    this.frozen = message.now;
    if (message.n <= this.n) return [];
    this.n = message.n;
    if (message.states) this.setStates(message.states);
    for (const key of message.gone ?? []) this.calls.delete(key);
    if (message.dropped !== undefined) this.dropped = message.dropped;
    const changed = (message.calls ?? []).map((wire) => this.put(wire));
    this.version += 1;
    return changed;
  }

  setStates(rows) {
    this.states = rows.map(([name, color, text]) => ({ name, color, text }));
    this.end = this.states.findIndex((state) => state.name === TERMINATED);
  }

  put([key, id, label, result, since, pairs]) {
    let call = this.calls.get(key);
    if (!call) {
      call = { key, id, states: [], starts: [] };
      this.calls.set(key, call);
    }
    call.name = label || shortId(id);
    call.result = result;
    call.states.length = call.starts.length = since;
    for (let i = 0; i < pairs.length; i += 2) {
      call.states.push(pairs[i]);
      call.starts.push(pairs[i + 1]);
    }
    return call;
  }

  // The picture as the kernel would send it: kept in the page, so that a saved notebook has it.
  dump() {
    const flat = (call) => call.states.flatMap((state, i) => [state, call.starts[i]]);
    const label = (call) => (call.name === shortId(call.id) ? "" : call.name);
    return {
      n: this.n,
      now: this.frozen,
      live: this.live,
      base: this.base,
      states: this.states.map(({ name, color, text }) => [name, color, text]),
      dropped: this.dropped,
      calls: [...this.calls.values()].map((call) => [call.key, call.id, label(call), call.result, 0, flat(call)]),
    };
  }

  find(id) {
    return [...this.calls.values()].find((call) => call.id === id);
  }

  present(call) {
    return call.states[call.states.length - 1];
  }

  ended(call) {
    return this.present(call) === this.end;
  }

  // Numbers that are asked for often, counted once per version.
  get facts() {
    if (this.counted === this.version) return this.known;
    const counts = this.states.map(() => 0);
    const seen = this.states.map(() => false);
    let first = Infinity;
    let last = -Infinity;
    for (const call of this.calls.values()) {
      counts[this.present(call)] += 1;
      for (const state of call.states) seen[state] = true;
      first = Math.min(first, call.starts[0]);
      last = Math.max(last, call.starts[call.starts.length - 1]);
    }
    const open = this.calls.size - (counts[this.end] ?? 0);
    this.counted = this.version;
    this.known = { counts, seen, first, last, open };
    return this.known;
  }

  // Calls that have been in a state that is shown, in the order they came.
  rows(hidden) {
    if (!hidden.size) return [...this.calls.values()];
    return [...this.calls.values()].filter((call) => call.states.some((state) => !hidden.has(state)));
  }

  sentence() {
    const size = this.calls.size;
    if (!size) return "Timeline without any call yet.";
    const counts = this.facts.counts
      .map((count, i) => (count ? `${grouped(count)} ${this.states[i].name}` : ""))
      .filter(Boolean);
    const left = this.dropped ? ` (${grouped(this.dropped)} older ones are left out)` : "";
    return `Timeline of ${size === 1 ? "1 call" : `${grouped(size)} calls`}${left}: ${counts.join(", ")}.`;
  }
}
