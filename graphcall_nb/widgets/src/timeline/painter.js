// Draws the timeline on a canvas. Only visible rows are drawn, so a thousand calls cost as much as twenty.

import { formatCount, formatDate, formatTick, SECOND } from "../common/format.js";
import { AXIS_PX } from "./layout.js";
import { computeTicks } from "./time_window.js";

const TICK_PX = 84;
const EXACT_TICK_PX = 104; // with milliseconds in the label
const MAX_CACHED_TEXTS = 4000;

export class Painter {
  constructor(context) {
    this.context = context;
    this.truncated = new Map(); // measuring text is expensive
  }

  // scene: { store, rows, hidden, time (TimeWindow), now, scroll, layout, theme, selected, hovered }
  paint(scene) {
    Object.assign(this, scene);
    const { layout, context: g } = this;
    this.pixelsPerMs = (layout.right - layout.gutter) / this.time.width;
    g.clearRect(0, 0, layout.width, layout.height);
    g.textBaseline = "middle";
    this.drawAxis();
    g.save();
    g.beginPath();
    g.rect(0, layout.top, layout.width, layout.bottom - layout.top);
    g.clip();
    this.drawRows();
    g.restore();
    if (layout.strip) this.drawConcurrency();
    this.drawNow();
  }

  x(ms) {
    return this.layout.gutter + (ms - this.time.from) * this.pixelsPerMs;
  }

  setFont(size) {
    this.context.font = `${size}px ${this.theme.font}`;
  }

  drawAxis() {
    const { layout, theme, store, time, context: g } = this;
    const { base } = store;
    const tickWidth = time.width < 10 * SECOND ? EXACT_TICK_PX : TICK_PX;
    const { times, step } = computeTicks(time.from + base, time.to + base, (layout.right - layout.gutter) / tickWidth);
    this.setFont(11);
    g.textAlign = "center";
    for (const tick of times) {
      const x = Math.round(this.x(tick - base)) + 0.5;
      g.fillStyle = theme.line;
      g.fillRect(x - 0.5, layout.top, 1, layout.height - layout.top);
      const label = formatTick(tick, step);
      const half = g.measureText(label).width / 2;
      if (x - half < layout.gutter - 8 || x + half > layout.width - 2) continue;
      g.fillStyle = theme.dim;
      g.fillText(label, x, AXIS_PX / 2 + 1);
    }
    g.textAlign = "left";
    g.fillStyle = theme.dim;
    g.fillText(formatDate(time.to + base), 8, AXIS_PX / 2 + 1);
    g.fillStyle = theme.line;
    g.fillRect(0, AXIS_PX - 1, layout.width, 1);
  }

  drawRows() {
    const { layout, rows, scroll } = this;
    const first = Math.max(0, Math.floor(scroll / layout.rowHeight));
    const last = Math.min(rows.length, Math.ceil((scroll + layout.bottom - layout.top) / layout.rowHeight));
    for (let i = first; i < last; i += 1) this.drawRow(rows[i], layout.top + i * layout.rowHeight - scroll);
  }

  drawRow(call, top) {
    const { layout, theme, context: g } = this;
    if (call.key === this.selected || call.key === this.hovered?.key) {
      g.fillStyle = theme.raised;
      g.fillRect(0, top, layout.width, layout.rowHeight);
    }
    if (call.key === this.selected) {
      g.fillStyle = theme.accent;
      g.fillRect(0, top, 3, layout.rowHeight);
    }
    if (!layout.dense) this.drawName(call, top + layout.rowHeight / 2 + 0.5);
    g.save();
    g.beginPath();
    g.rect(layout.gutter, top, layout.right - layout.gutter + 10, layout.rowHeight);
    g.clip();
    for (let i = 0; i < call.states.length; i += 1) {
      if (!this.hidden.has(call.states[i])) this.drawBar(call, i, top + (layout.rowHeight - layout.barHeight) / 2);
    }
    g.restore();
  }

  drawName(call, middle) {
    const { theme, context: g } = this;
    this.setFont(12);
    g.textAlign = "left";
    g.fillStyle = this.store.hasEnded(call) ? theme.dim : theme.text;
    g.fillText(this.truncate(call.name, this.layout.gutter - 20), 10, middle);
  }

  drawBar(call, i, top) {
    const { layout, context: g, store } = this;
    const state = store.states[call.states[i]];
    const isLast = i + 1 === call.states.length;
    const start = this.x(call.starts[i]);
    g.fillStyle = state.color;
    if (call.states[i] === store.terminated) {
      const overhang = layout.dense ? 0 : 3;
      this.drawRounded(start - 1.5, top - overhang, 3, layout.barHeight + 2 * overhang, 1.5);
      return;
    }
    const end = this.x(isLast ? Math.max(this.now, call.starts[i]) : call.starts[i + 1]);
    if (end < layout.gutter || start > layout.right + 10) return;
    const width = Math.max(end - start - 1, 1.5); // a very short state stays visible
    this.drawRounded(start, top, width, layout.barHeight, Math.min(3, width / 2));
    this.drawStateName(state, Math.max(start, layout.gutter), start + width, top);
  }

  drawRounded(x, y, width, height, radius) {
    const g = this.context;
    g.beginPath();
    g.roundRect(x, y, width, height, radius);
    g.fill();
  }

  drawStateName(state, from, to, top) {
    const { context: g, layout } = this;
    if (layout.dense || to - from < 30) return;
    this.setFont(10.5);
    const text = this.truncate(state.name, to - from - 10);
    if (text.length < Math.min(4, state.name.length)) return;
    g.fillStyle = state.text;
    g.fillText(text, from + 5, top + layout.barHeight / 2 + 0.5);
  }

  // The number of calls in each state at the same time, stacked, for each pixel column.
  drawConcurrency() {
    const { layout, theme, context: g, store } = this;
    const left = layout.gutter;
    const width = Math.max(Math.floor(layout.right - left), 1);
    const { depths, max } = this.computeDepths(width);
    const top = layout.bottom + 16;
    const height = layout.height - top - 4;
    g.fillStyle = theme.line;
    g.fillRect(0, layout.bottom, layout.width, 1);
    const unit = height / Math.max(max, 1);
    const floor = new Float32Array(width);
    depths.forEach((depth, index) => {
      if (!depth) return;
      g.fillStyle = store.states[index].color;
      // Neighboring columns of the same height are one rectangle.
      for (let x = 0, end = 0; x < width; x = end) {
        end = x + 1;
        while (end < width && depth[end] === depth[x] && floor[end] === floor[x]) end += 1;
        const ceiling = floor[x] + depth[x];
        if (depth[x]) g.fillRect(left + x, top + height - ceiling * unit, end - x, depth[x] * unit);
        floor.fill(ceiling, x, end);
      }
    });
    this.setFont(11);
    g.fillStyle = theme.dim;
    g.fillText("Concurrent calls", 10, top + height / 2 - 7);
    g.fillText(`maximum ${formatCount(max)}`, 10, top + height / 2 + 8);
  }

  computeDepths(width) {
    const { store, time } = this;
    const depths = store.states.map(() => null);
    const column = (ms) => Math.min(Math.max(Math.floor((ms - time.from) * this.pixelsPerMs), 0), width);
    for (const call of this.rows) {
      for (let i = 0; i < call.states.length; i += 1) {
        const state = call.states[i];
        if (state === store.terminated || this.hidden.has(state)) continue;
        const from = column(call.starts[i]);
        const to = column(i + 1 < call.starts.length ? call.starts[i + 1] : this.now);
        if (from === to) continue;
        depths[state] ??= new Float32Array(width + 1);
        depths[state][from] += 1;
        depths[state][to] -= 1;
      }
    }
    return { depths, max: accumulate(depths, width) };
  }

  drawNow() {
    const { layout, theme, context: g } = this;
    if (!this.store.totals.live) return;
    const x = this.x(this.now);
    if (x < layout.gutter || x > layout.right + 10) return;
    g.fillStyle = theme.accent;
    g.fillRect(Math.round(x), AXIS_PX - 6, 1.5, layout.height - AXIS_PX + 6);
    g.beginPath();
    g.moveTo(x - 4, AXIS_PX - 7);
    g.lineTo(x + 5.5, AXIS_PX - 7);
    g.lineTo(x + 0.75, AXIS_PX - 1);
    g.fill();
  }

  truncate(text, width) {
    const key = `${this.context.font}|${Math.floor(width)}|${text}`;
    let shown = this.truncated.get(key);
    if (shown === undefined) {
      shown = text;
      while (shown.length > 1 && this.context.measureText(shown).width > width)
        shown = `${shown.slice(0, -2).trimEnd()}…`;
      if (this.truncated.size > MAX_CACHED_TEXTS) this.truncated.clear();
      this.truncated.set(key, shown);
    }
    return shown;
  }
}

// Turns changes into depths, in place; returns the greatest total of a column.
function accumulate(depths, width) {
  const total = new Float32Array(width);
  for (const depth of depths) {
    if (!depth) continue;
    for (let x = 1; x < width; x += 1) depth[x] += depth[x - 1];
    for (let x = 0; x < width; x += 1) total[x] += depth[x];
  }
  return total.reduce((max, depth) => Math.max(max, depth), 0);
}
