// Time on the screen: which part of it is shown, where its ticks are, how it is written.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];
const SHORTEST = 5; // milliseconds across the whole picture
const LONGEST = 400 * DAY;
const AUTO_SHORTEST = 10 * SECOND; // while something is going on
const AUTO_LONGEST = 5 * MINUTE;
const GLIDE_MS = 80;
const CLOSE_ENOUGH = 0.0003; // of the width: a fraction of a pixel

// The part of time that is shown. It follows the present, with a span of its own choice or the user's, or stands still.
class TimeWindow {
  constructor() {
    this.follow = true;
    this.span = "auto"; // "auto", "all", or milliseconds
    this.from = 0;
    this.to = AUTO_SHORTEST;
  }

  // Move on to `now`; true while it still glides to its goal. `top` is when the topmost visible call began.
  update(facts, now, top, smoothly) {
    if (!this.follow) return false;
    const [from, to] = this.goal(facts, now, top);
    const time = performance.now();
    const part = smoothly && this.placed ? 1 - Math.exp((this.moved - time) / GLIDE_MS) : 1;
    this.moved = time;
    this.placed = Number.isFinite(facts.first);
    const close = (to - from) * CLOSE_ENOUGH;
    const gliding = part < 1 && Math.max(Math.abs(from - this.from), Math.abs(to - this.to)) > close;
    this.from = gliding ? this.from + (from - this.from) * part : from;
    this.to = gliding ? this.to + (to - this.to) * part : to;
    return gliding;
  }

  goal(facts, now, top) {
    if (!Number.isFinite(facts.first)) return [now - AUTO_SHORTEST, now];
    const last = facts.open ? now : facts.last;
    if (typeof this.span === "number") return [last - this.span * 0.96, last + this.span * 0.04];
    const first = this.span === "all" ? facts.first : Math.max(top, last - AUTO_LONGEST);
    const whole = Math.max(last - first, 1);
    // A young picture begins at the left and fills; once it is full, its right edge is the present.
    const least = facts.open && this.span === "auto" ? AUTO_SHORTEST : 0;
    return [first - whole * 0.02, Math.max(last + whole * 0.04, first + least)];
  }

  get width() {
    return this.to - this.from;
  }

  zoom(factor, at) {
    const span = Math.min(Math.max(this.width * factor, SHORTEST), LONGEST);
    if (this.follow) {
      this.span = span;
      return;
    }
    const part = (at - this.from) / this.width;
    this.from = at - part * span;
    this.to = this.from + span;
  }

  pan(ms) {
    this.follow = false;
    this.from += ms;
    this.to += ms;
  }

  setFollow(follow) {
    // The span on the screen stays when the user chose one; else it is found anew.
    if (follow && !this.follow && typeof this.span === "number") this.span = this.width;
    this.follow = follow;
  }

  fit() {
    this.follow = true;
    this.span = "all";
  }
}

// Moments to mark between two times (milliseconds since 1970), on round local times.
function tickTimes(from, to, most) {
  const step = STEPS.find((one) => (to - from) / one <= Math.max(most, 1)) ?? STEPS[STEPS.length - 1];
  const shift = step > 15 * MINUTE ? new Date(from).getTimezoneOffset() * MINUTE : 0;
  const times = [];
  for (let t = Math.ceil((from - shift) / step) * step + shift; t <= to; t += step) times.push(t);
  return { step, times };
}

function dateText(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function timeText(ms, step = 1) {
  if (step >= DAY) return dateText(ms);
  const clock = clockText(ms, step < SECOND);
  return step < MINUTE ? clock : clock.slice(0, "00:00".length);
}

function durationText(ms) {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(2)} s`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${two(Math.floor((ms % MINUTE) / SECOND))} s`;
  return `${Math.floor(ms / HOUR)} h ${two(Math.floor((ms % HOUR) / MINUTE))} min`;
}
