// The calls of a timeline, each with its states and when they began. It draws nothing.

const TERMINATED = "terminated";

class Store extends Kept {
  constructor(state) {
    super("calls");
    this.load(state);
  }

  hear({ base, states }) {
    if (base !== undefined) this.base = base;
    if (states) this.setStates(states);
  }

  setStates(rows) {
    this.states = rows.map(([name, color, text]) => ({ name, color, text }));
    this.end = this.states.findIndex((state) => state.name === TERMINATED);
  }

  put([key, id, label, result, since, pairs]) {
    let call = this.get(key);
    if (!call) {
      call = { key, id, states: [], starts: [] };
      this.items.set(key, call);
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

  dump() {
    const flat = (call) => call.states.flatMap((state, i) => [state, call.starts[i]]);
    const label = (call) => (call.name === shortId(call.id) ? "" : call.name);
    return {
      ...super.dump((call) => [call.key, call.id, label(call), call.result, 0, flat(call)]),
      base: this.base,
      states: this.states.map(({ name, color, text }) => [name, color, text]),
    };
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
    for (const call of this.items.values()) {
      counts[this.present(call)] += 1;
      for (const state of call.states) seen[state] = true;
      first = Math.min(first, call.starts[0]);
      last = Math.max(last, call.starts[call.starts.length - 1]);
    }
    const open = this.size - (counts[this.end] ?? 0);
    this.counted = this.version;
    this.known = { counts, seen, first, last, open };
    return this.known;
  }

  // Calls that have been in a state that is shown, in the order they came.
  rows(hidden) {
    if (!hidden.size) return this.all;
    return this.all.filter((call) => call.states.some((state) => !hidden.has(state)));
  }

  sentence() {
    const size = this.size;
    if (!size) return "Timeline without any call yet.";
    const counts = this.facts.counts
      .map((count, i) => (count ? `${grouped(count)} ${this.states[i].name}` : ""))
      .filter(Boolean);
    const left = this.dropped ? ` (${grouped(this.dropped)} older ones are left out)` : "";
    return `Timeline of ${size === 1 ? "1 call" : `${grouped(size)} calls`}${left}: ${counts.join(", ")}.`;
  }
}
