import assert from "node:assert/strict";
import { test } from "node:test";
import { SortFilter } from "./sort_filter.js";
import { visibleRange } from "./virtual_rows.js";

const COLUMNS = [
  { name: "name", value: (row) => row.name },
  { name: "started", descending: true, value: (row) => row.started },
];
const ROWS = [
  { key: 1, name: "b", started: 5 },
  { key: 2, name: "a", started: 7 },
  { key: 3, name: "c", started: 7 },
];

function createOrder(rows = ROWS) {
  const order = new SortFilter(COLUMNS, { name: "started", ascending: false });
  order.update(rows, 0, false);
  return order;
}

const keys = (order) => order.rows.map((row) => row.key);

test("rows of the same value stand newest first", () => {
  assert.deepEqual(keys(createOrder()), [3, 2, 1]);
});

test("a second press reverses the order", () => {
  const order = createOrder();
  order.sortBy(COLUMNS[0]);
  assert.deepEqual(keys(order), [2, 1, 3]);
  assert.equal(order.directionOf(COLUMNS[0]), "ascending");
  order.sortBy(COLUMNS[0]);
  assert.deepEqual(keys(order), [3, 1, 2]);
  assert.equal(order.directionOf(COLUMNS[1]), "none");
});

test("while the order is held no row moves, and new ones wait", () => {
  const order = createOrder(ROWS.slice(0, 2));
  order.update([{ ...ROWS[0], started: 9 }, ROWS[1], ROWS[2]], 0, true);
  assert.deepEqual([keys(order), order.waiting], [[2, 1], 1]);
  order.sort();
  assert.deepEqual([keys(order), order.waiting], [[1, 3, 2], 0]);
});

test("only rows that match the filter are shown", () => {
  const order = createOrder();
  order.filter = (row) => row.name !== "c";
  order.update(ROWS, 0, false);
  assert.deepEqual(keys(order), [2, 1]);
});

test("a few of many rows get elements", () => {
  const range = (top, count) => visibleRange({ top, height: 100, rowHeight: 20, count });
  assert.deepEqual(range(0, 3), [0, 3]);
  assert.deepEqual(range(2000, 3000), [94, 111]);
  assert.deepEqual(range(2000, 10), [10, 10]);
});
