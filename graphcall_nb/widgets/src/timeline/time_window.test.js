import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY, HOUR, MINUTE, SECOND } from "../common/format.js";
import { computeTicks, TimeWindow } from "./time_window.js";

const LIVE = { first: 0, last: 0, live: 1 };

test("a young picture shows ten seconds", () => {
  const time = new TimeWindow();
  time.update(LIVE, 100, 0, false, 0);
  assert.ok(time.from < 0 && time.to === 10 * SECOND);
});

test("the window glides to its goal and then rests", () => {
  const time = new TimeWindow();
  time.update(LIVE, 100, 0, true, 0);
  assert.equal(time.update(LIVE, 60 * SECOND, 0, true, 16), true);
  assert.ok(time.to < 60 * SECOND);
  assert.equal(time.update(LIVE, 60 * SECOND, 0, true, 10_000), false);
  assert.ok(time.to > 60 * SECOND);
});

test("panning stops following, and following keeps a chosen span", () => {
  const time = new TimeWindow();
  time.update(LIVE, 60 * SECOND, 0, false, 0);
  time.zoom(0.5, 0);
  time.update(LIVE, 60 * SECOND, 0, false, 0);
  const { width } = time;
  time.pan(-SECOND);
  assert.equal(time.follow, false);
  time.setFollow(true);
  time.update(LIVE, 61 * SECOND, 0, false, 0);
  assert.equal(Math.round(time.width), Math.round(width));
});

test("zooming a window that stands still keeps its center", () => {
  const time = new TimeWindow();
  time.pan(0);
  time.zoom(0.5, 5 * SECOND);
  assert.deepEqual([time.from, time.to], [2500, 7500]);
});

test("ticks stand on round local times", () => {
  const start = new Date(2026, 10, 27, 12, 0, 0).getTime();
  for (const span of [SECOND, 10 * SECOND, MINUTE, HOUR, DAY, 30 * DAY]) {
    const { times, step } = computeTicks(start, start + span, 8);
    assert.ok(times.length >= 3 && times.length <= 9, `${times.length} ticks in ${span} ms`);
    assert.ok(times.every((time) => time >= start && time <= start + span));
    assert.equal(step, times[1] - times[0]);
  }
});
