import assert from "node:assert/strict";
import test from "node:test";
import { SequenceStore } from "./sequence_store.js";

const wire = (key, at, kind = "request", call = "a") => [key, at, call, kind, 0, 1, `text ${key}`, "", "", "", "{}"];

test("rows stand in the order of time, and the newest is the one that arrived last", () => {
  const store = new SequenceStore({
    n: 0,
    live: true,
    now: 0,
    base: 0,
    messages: [wire(1, 0), wire(2, 900, "answer")],
  });
  store.apply({ n: 1, live: true, now: 0, messages: [wire(3, 300, "signal", "b"), wire(4, 300, "notification", "b")] });
  assert.deepEqual(
    store.rows().map((message) => message.key),
    [1, 3, 4, 2],
  );
  assert.equal(store.newest.key, 4);
  assert.deepEqual(store.calls, ["a", "b"]);
  assert.equal(store.describe(), "3 messages");
  assert.deepEqual(
    store.rows("a").map((message) => message.key),
    [1, 2],
  );
});

test("the saved state equals the one received", () => {
  const state = { n: 0, now: 0, live: true, dropped: 0, messages: [wire(1, 0)], base: 0 };
  assert.deepEqual(new SequenceStore(state).dump(), state);
});
