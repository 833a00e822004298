import assert from "node:assert/strict";
import { test } from "node:test";
import { computeLayout, spotAt, spotOfRow, timeAt } from "./layout.js";
import { Selection } from "./selection.js";

const CALLS = [
  { key: 7, states: [0, 1], starts: [0, 500] },
  { key: 8, states: [0, 2], starts: [100, 600] },
];

function createScene() {
  const layout = computeLayout({ width: 1000, height: 200, rowCount: 2, strip: false, dense: false });
  return {
    layout,
    rows: CALLS,
    scroll: 0,
    time: { from: 0, to: 1000, width: 1000 },
    store: { hasEnded: (call) => call.states.at(-1) === 2 },
  };
}

const xOf = ({ layout }, ms) => layout.gutter + (ms / 1000) * (layout.right - layout.gutter);

test("time and pixels correspond", () => {
  const scene = createScene();
  assert.equal(Math.round(timeAt(scene, xOf(scene, 250))), 250);
});

test("a point belongs to the call of its row and to the state at its time", () => {
  const scene = createScene();
  const { layout } = scene;
  assert.deepEqual(
    [spotAt(scene, xOf(scene, 250), layout.top + 5)].map(({ key, index }) => [key, index]),
    [[7, 0]],
  );
  assert.equal(spotAt(scene, xOf(scene, 700), layout.top + 5).index, 1);
  assert.equal(spotAt(scene, xOf(scene, 50), layout.top + 30).index, -1);
  assert.equal(spotAt(scene, 5, layout.top + 30).index, 1);
  assert.equal(spotAt(scene, 5, layout.top + 100), undefined);
});

test("the thin mark at the end of a call is easy to point at", () => {
  const scene = createScene();
  assert.equal(spotAt(scene, xOf(scene, 600) - 3, scene.layout.top + 30).index, 1);
});

test("the keyboard selects the present state of a row", () => {
  assert.deepEqual(
    [spotOfRow(createScene(), 1)].map(({ key, index }) => [key, index]),
    [[8, 1]],
  );
});

test("steps of the selection stop at both ends", () => {
  const selection = new Selection();
  assert.equal(selection.indexAfter(CALLS, 1), 0);
  assert.equal(selection.indexAfter(CALLS, -1), 1);
  selection.select(8);
  assert.equal(selection.indexAfter(CALLS, 5), 1);
  assert.equal(selection.indexAfter([], 1), -1);
});
