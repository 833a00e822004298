import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "./format.js";

test("durations have a precision that fits their length", () => {
  const cases = [
    [0, "0 ms"],
    [999, "999 ms"],
    [1000, "1.00 s"],
    [12_340, "12.3 s"],
    [61_000, "1 min 01 s"],
    [3_600_000, "1 h 00 min"],
    [-5, "0 ms"],
  ];
  for (const [ms, text] of cases) assert.equal(format.formatDuration(ms), text);
});

test("growing durations omit fractions of a second", () => {
  assert.deepEqual(
    [0, 1999, 61_999].map((ms) => format.formatDuration(ms, true)),
    ["0 s", "1 s", "1 min 01 s"],
  );
});

test("positions in a recording have tenths", () => {
  const seconds = [0, 45.04, 119.96, 3661.5, 90061];
  const texts = ["0:00.0", "0:45.0", "2:00.0", "1:01:01.5", "25:01:01.0"];
  assert.deepEqual(seconds.map(format.formatPosition), texts);
});

test("ticks are as exact as their distance", () => {
  const noon = new Date(2026, 10, 27, 12, 5, 9, 80).getTime();
  const steps = [format.DAY, format.HOUR, format.SECOND, 100];
  const expected = ["2026-11-27", "12:05", "12:05:09", "12:05:09.080"];
  assert.deepEqual(
    steps.map((step) => format.formatTick(noon, step)),
    expected,
  );
});

test("counts are grouped and nouns agree with them", () => {
  assert.equal(format.pluralize(1, "call"), "1 call");
  assert.equal(format.pluralize(1234, "call"), "1,234 calls");
});

test("long ids are shortened to their end", () => {
  assert.equal(format.shortId("12345678"), "12345678");
  assert.equal(format.shortId("57dab8b1-894c-409a"), "…94c-409a");
});
