// The part of time that is shown, and the ticks in it.

import { DAY, HOUR, MINUTE, SECOND } from "../common/format.js";

const TICK_STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];
const MIN_SPAN_MS = 5;
const MAX_SPAN_MS = 400 * DAY;
const MIN_LIVE_SPAN_MS = 10 * SECOND; // shown at least while calls are live
const MAX_AUTO_SPAN_MS = 5 * MINUTE;
const LIVE_MARGIN = 0.15; // of the width, after the present: room for what comes
const MARGIN = 0.04; // of the width, after the last end
const GLIDE_MS = 80;
const GLIDE_END = 0.0003; // of the width: a fraction of a pixel

// The window follows the present, with an automatic span or one that the user chose, or stands still.
export class TimeWindow {
  constructor() {
    this.follow = true;
    this.span = "auto"; // "auto", "all", or milliseconds
    this.from = 0;
    this.to = MIN_LIVE_SPAN_MS;
  }

  get width() {
    return this.to - this.from;
  }

  // Moves towards the present; returns true while it is still gliding. `top` is when the topmost visible call began.
  update(totals, now, top, smoothly, time = performance.now()) {
    if (!this.follow) return false;
    const [from, to] = this.computeGoal(totals, now, top);
    const part = smoothly && this.placed ? 1 - Math.exp((this.movedAt - time) / GLIDE_MS) : 1;
    this.movedAt = time;
    this.placed = Number.isFinite(totals.first);
    const distance = Math.max(Math.abs(from - this.from), Math.abs(to - this.to));
    const gliding = part < 1 && distance > (to - from) * GLIDE_END;
    this.from = gliding ? this.from + (from - this.from) * part : from;
    this.to = gliding ? this.to + (to - this.to) * part : to;
    return gliding;
  }

  computeGoal(totals, now, top) {
    if (!Number.isFinite(totals.first)) return [now - MIN_LIVE_SPAN_MS, now];
    const last = totals.live ? now : totals.last;
    const after = totals.live ? LIVE_MARGIN : MARGIN;
    if (typeof this.span === "number") return [last - this.span * (1 - after), last + this.span * after];
    const first = this.span === "all" ? totals.first : Math.max(top, last - MAX_AUTO_SPAN_MS);
    const span = Math.max(last - first, 1);
    // At first the picture fills from the left; once it is full, its right edge is the present.
    const minSpan = totals.live && this.span === "auto" ? MIN_LIVE_SPAN_MS : 0;
    return [first - span * 0.02, Math.max(last + (span * after) / (1 - after), first + minSpan)];
  }

  zoom(factor, center) {
    const span = Math.min(Math.max(this.width * factor, MIN_SPAN_MS), MAX_SPAN_MS);
    if (this.follow) {
      this.span = span;
      return;
    }
    this.from = center - ((center - this.from) / this.width) * span;
    this.to = this.from + span;
  }

  pan(ms) {
    this.follow = false;
    this.from += ms;
    this.to += ms;
  }

  setFollow(follow) {
    // A span that the user chose is kept; an automatic one is computed again.
    if (follow && !this.follow && typeof this.span === "number") this.span = this.width;
    this.follow = follow;
  }

  fit() {
    this.follow = true;
    this.span = "all";
  }
}

// At most `limit` ticks on round local times, in milliseconds since 1970. Plain arithmetic: d3-time steps through every
// second of the window, which takes longer than painting a row.
export function computeTicks(from, to, limit) {
  const step = TICK_STEPS_MS.find((one) => (to - from) / one <= Math.max(limit, 1)) ?? TICK_STEPS_MS.at(-1);
  const offset = step > 15 * MINUTE ? new Date(from).getTimezoneOffset() * MINUTE : 0;
  const times = [];
  for (let time = Math.ceil((from - offset) / step) * step + offset; time <= to; time += step) times.push(time);
  return { times, step };
}
