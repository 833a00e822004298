import assert from "node:assert/strict";
import { test } from "node:test";
import { RowStore } from "../cockpit/row_store.js";
import { TimelineStore } from "../timeline/timeline_store.js";

const COLORS = ["ringing", "established", "terminated"].map((name) => [name, "#000", "#fff"]);

function createTimeline(calls = []) {
  return new TimelineStore({ n: 0, now: 0, live: true, base: 1000, states: COLORS, calls });
}

const createRows = (rows, most) => new RowStore({ n: 3, now: 0, live: true, rows, most }, ([key]) => ({ key }));
const message = (n, more) => ({ n, now: 5, live: true, ...more });

test("changes are applied in order, and once", () => {
  const store = createRows([[1]]);
  assert.deepEqual(store.apply(message(4, { rows: [[2]] })), [{ key: 2, wire: [2] }]);
  assert.deepEqual(store.apply(message(4, { rows: [[3]] })), []);
  assert.deepEqual([...store.items.keys()], [1, 2]);
});

test("a missed message is reported", () => {
  assert.equal(createRows([]).apply(message(5)), null);
});

test("a state older than the present one is not loaded", () => {
  const store = createRows([[1]]);
  assert.equal(store.load({ n: 2, rows: [] }), false);
  assert.equal(store.size, 1);
});

test("the oldest rows make room", () => {
  const store = createRows([[1], [2]], 2);
  store.apply(message(4, { rows: [[3]] }));
  assert.deepEqual([...store.items.keys()], [2, 3]);
});

test("a dumped store can be loaded again", () => {
  const store = createTimeline([[0, "call-one", "Heidi", "", 0, [0, 5, 2, 9]]]);
  const copy = new TimelineStore(JSON.parse(JSON.stringify(store.dump())));
  assert.deepEqual(copy.all, store.all);
  assert.equal(copy.describe(), "Timeline of 1 call: 1 terminated.");
});

test("later states of a call are appended, and corrected from the given index on", () => {
  const store = createTimeline([[0, "a", "", "", 0, [0, 5]]]);
  store.apply(message(1, { calls: [[0, "a", "", "", 1, [1, 7]]] }));
  assert.deepEqual(store.get(0).states, [0, 1]);
  store.apply(message(2, { calls: [[0, "a", "", "", 1, [2, 8]]] }));
  assert.deepEqual(store.get(0).starts, [5, 8]);
  assert.equal(store.hasEnded(store.get(0)), true);
});

test("totals count calls by their present state", () => {
  const store = createTimeline([
    [0, "a", "", "", 0, [0, 5, 1, 9]],
    [1, "b", "", "", 0, [0, 3, 2, 4]],
  ]);
  const { counts, seen, first, last, live } = store.totals;
  assert.deepEqual(
    { counts, seen, first, last, live },
    {
      counts: [0, 1, 1],
      seen: [true, true, true],
      first: 3,
      last: 9,
      live: 1,
    },
  );
});

test("a call is hidden when all of its states are hidden", () => {
  const store = createTimeline([
    [0, "a", "", "", 0, [0, 5]],
    [1, "b", "", "", 0, [0, 3, 1, 4]],
  ]);
  assert.deepEqual(
    store.rows(new Set([0])).map((call) => call.id),
    ["b"],
  );
});
