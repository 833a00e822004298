// The canvas in its scroll container: their sizes, and which rows are visible.

import { createElement, scrollToRow } from "../common/dom.js";
import { computeLayout } from "./layout.js";

const MIN_ROWS = 4; // fewer leave no room for the tooltip
const MIN_DENSE_ROWS = 14;
const MAX_CALLS_WITHOUT_STRIP = 3;

export class Plot {
  // callbacks: { onScroll() }
  constructor(maxHeight, isHeightFixed, callbacks) {
    this.maxHeight = maxHeight;
    this.isHeightFixed = isHeightFixed;
    this.atBottom = true;
    this.box = createElement("div", "gct-plot");
    this.scroller = createElement("div", "gct-scroll");
    this.sizer = createElement("div", "gct-sizer");
    this.canvas = createElement("canvas", "gct-canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.dataset.frames = "0";
    this.empty = createElement("div", "gct-empty", "No calls yet. They appear here with their first notification.");
    this.sizer.append(this.canvas);
    this.scroller.append(this.sizer);
    this.box.append(this.scroller, this.empty);
    this.scroller.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.scroller;
      this.atBottom = scrollTop + clientHeight > scrollHeight - 8;
      callbacks.onScroll();
    });
  }

  get scroll() {
    return this.scroller.scrollTop;
  }

  // Sets the sizes for what will be painted. While the view follows the present, the last row stays visible.
  measure({ width, rows, calls, dense, following }) {
    const options = {
      width,
      rowCount: Math.max(rows, dense ? MIN_DENSE_ROWS : MIN_ROWS),
      strip: calls > MAX_CALLS_WITHOUT_STRIP,
      dense,
    };
    const needed = this.isHeightFixed ? this.maxHeight : computeLayout({ ...options, height: 0 }).contentHeight;
    const height = Math.min(needed, this.maxHeight);
    if (this.layout?.height !== height) this.scroller.style.height = `${height}px`;
    this.layout = computeLayout({ ...options, height });
    this.sizer.style.height = `${Math.max(this.layout.contentHeight, height)}px`;
    if (this.atBottom && following) this.scroller.scrollTop = this.layout.contentHeight;
    this.empty.hidden = calls > 0;
  }

  // Gives the canvas the resolution of the screen.
  resizeCanvas(context) {
    const { canvas, layout } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${layout.width}px`;
      canvas.style.height = `${layout.height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  get topRow() {
    return Math.floor(this.scroll / this.layout.rowHeight);
  }

  get rowsPerPage() {
    const { top, bottom, rowHeight } = this.layout;
    return Math.max(Math.floor((bottom - top) / rowHeight) - 1, 1);
  }

  reveal(index) {
    const { top, bottom, rowHeight } = this.layout;
    scrollToRow(this.scroller, index, rowHeight, bottom - top);
  }
}

// Describes the painted picture in data attributes, for tests and for debugging.
export function writeDebugDataset({ dataset }, { store, rows, time }, frames) {
  dataset.frames = frames;
  dataset.from = Math.round(time.from);
  dataset.to = Math.round(time.to);
  if (dataset.version === String(store.version) && dataset.rows === String(rows.length)) return;
  const { counts, live } = store.totals;
  const states = store.states.map(({ name }, i) => [name, counts[i]]).filter(([, count]) => count);
  dataset.version = store.version;
  dataset.calls = store.size;
  dataset.rows = rows.length;
  dataset.open = live;
  dataset.states = JSON.stringify(Object.fromEntries(states));
  dataset.seq = store.n;
}
