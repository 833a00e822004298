// The calls of a timeline, each with its states and when they began.

import { formatCount, pluralize, shortId } from "../common/format.js";
import { Store } from "../common/store.js";

const TERMINATED = "terminated";

export class TimelineStore extends Store {
  constructor(state) {
    super("calls");
    this.load(state);
  }

  readExtras({ base, states }) {
    if (base !== undefined) this.base = base;
    if (!states) return;
    this.states = states.map(([name, color, text]) => ({ name, color, text }));
    this.terminated = this.states.findIndex((state) => state.name === TERMINATED);
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
    const pairs = (call) => call.states.flatMap((state, i) => [state, call.starts[i]]);
    const label = (call) => (call.name === shortId(call.id) ? "" : call.name);
    return {
      ...super.dump((call) => [call.key, call.id, label(call), call.result, 0, pairs(call)]),
      base: this.base,
      states: this.states.map(({ name, color, text }) => [name, color, text]),
    };
  }

  currentState(call) {
    return call.states[call.states.length - 1];
  }

  hasEnded(call) {
    return this.currentState(call) === this.terminated;
  }

  // Totals that are read often, computed once per version.
  get totals() {
    if (this.totalsVersion === this.version) return this.cachedTotals;
    const counts = this.states.map(() => 0);
    const seen = this.states.map(() => false);
    let first = Infinity;
    let last = -Infinity;
    for (const call of this.items.values()) {
      counts[this.currentState(call)] += 1;
      for (const state of call.states) seen[state] = true;
      first = Math.min(first, call.starts[0]);
      last = Math.max(last, call.starts[call.starts.length - 1]);
    }
    const live = this.size - (counts[this.terminated] ?? 0);
    this.totalsVersion = this.version;
    this.cachedTotals = { counts, seen, first, last, live };
    return this.cachedTotals;
  }

  // Calls that were in at least one state that is not hidden, in the order of arrival.
  rows(hidden) {
    if (!hidden.size) return this.all;
    return this.all.filter((call) => call.states.some((state) => !hidden.has(state)));
  }

  describe() {
    if (!this.size) return "Timeline without calls.";
    const counts = this.totals.counts
      .map((count, i) => (count ? `${formatCount(count)} ${this.states[i].name}` : ""))
      .filter(Boolean);
    const dropped = this.dropped ? ` (${formatCount(this.dropped)} older ones are omitted)` : "";
    return `Timeline of ${pluralize(this.size, "call")}${dropped}: ${counts.join(", ")}.`;
  }
}
