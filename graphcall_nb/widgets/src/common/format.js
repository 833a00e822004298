// Numbers, ids and times as text.

import { timeFormat, utcFormat } from "d3-time-format";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const CALL_ID_CHARS = 8;

// Local times of milliseconds since 1970.
export const formatDate = timeFormat("%Y-%m-%d");
export const formatClock = timeFormat("%H:%M:%S");
export const formatClockExact = timeFormat("%H:%M:%S.%L");
const formatHourMinute = timeFormat("%H:%M");

// The label of a tick, as exact as the distance between two ticks requires.
export function formatTick(ms, step) {
  if (step >= DAY) return formatDate(ms);
  if (step >= MINUTE) return formatHourMinute(ms);
  return step < SECOND ? formatClockExact(ms) : formatClock(ms);
}

// `whole` omits fractions of a second, which would flicker in a duration that grows.
export function formatDuration(ms, whole = false) {
  const duration = Math.max(ms, 0);
  if (duration < SECOND && !whole) return `${Math.round(duration)} ms`;
  if (duration < MINUTE) {
    if (whole) return `${Math.floor(duration / SECOND)} s`;
    return `${(duration / SECOND).toFixed(duration < 10 * SECOND ? 2 : 1)} s`;
  }
  const [large, small, unit] = duration < HOUR ? ["min", "s", MINUTE] : ["h", "min", HOUR];
  const rest = Math.floor((duration % unit) / (unit / 60));
  return `${Math.floor(duration / unit)} ${large} ${String(rest).padStart(2, "0")} ${small}`;
}

// A position in a recording: hours if needed, minutes, seconds and tenths. d3 counts hours from 0 to 23 only.
const formatMinutes = utcFormat("%-M:%S.%L");
const formatBelowHour = utcFormat("%M:%S.%L");

export function formatPosition(seconds) {
  const ms = Math.round(seconds * 10) * 100;
  const text = ms < HOUR ? formatMinutes(ms) : `${Math.floor(ms / HOUR)}:${formatBelowHour(ms)}`;
  return text.slice(0, -2);
}

export function formatCount(number) {
  return number.toLocaleString("en-US");
}

export function pluralize(number, one, many = `${one}s`) {
  return `${formatCount(number)} ${number === 1 ? one : many}`;
}

export function shortId(id) {
  return id.length <= CALL_ID_CHARS ? id : `…${id.slice(-CALL_ID_CHARS)}`;
}
