// The elements of a table's rows: those of visible rows only, between two gaps that take the place of the others.

import { createElement, setAttribute } from "../common/dom.js";

const OVERSCAN_ROWS = 6;

// The range of rows to create elements for. All rows have the same height.
export function visibleRange({ top, height, rowHeight, count }) {
  const first = Math.max(Math.floor(top / rowHeight) - OVERSCAN_ROWS, 0);
  const end = Math.min(first + Math.ceil(height / rowHeight) + 2 * OVERSCAN_ROWS, count);
  return [Math.min(first, end), end];
}

export class VirtualRows {
  // columns: those of Grid; onFocusLost() is called before an element with the focus is removed
  constructor(columns, rowHeight, onFocusLost) {
    this.columns = columns;
    this.rowHeight = rowHeight;
    this.onFocusLost = onFocusLost;
    this.rendered = new Map(); // key -> { row, line, cells, content }
    this.body = createElement("tbody");
    this.gaps = [createElement("tr", "gcc-gap"), createElement("tr", "gcc-gap")];
    for (const gap of this.gaps) {
      gap.setAttribute("aria-hidden", "true");
      gap.append(createElement("td")); // one column: more would reserve space for hidden columns
    }
    this.body.append(...this.gaps);
  }

  // `top` and `height` of the visible part in pixels; `active` is the key of the row that Tab focuses, when visible.
  show(rows, { top, height, now, active, selected }) {
    const { rowHeight } = this;
    const [from, end] = visibleRange({ top, height, rowHeight, count: rows.length });
    const visible = rows.slice(from, end);
    const keys = new Set(visible.map((row) => row.key));
    this.removeExcept(keys);
    const tabStop = keys.has(active) ? active : visible[Math.min(OVERSCAN_ROWS, from)]?.key;
    let next = this.gaps[0].nextSibling;
    visible.forEach((row, index) => {
      const rendered = this.render(row, now);
      const { line } = rendered;
      const moves = rendered.index !== from + index && !line.contains(document.activeElement);
      rendered.index = from + index;
      if (line === next) next = next.nextSibling;
      // An element that is inserted again is drawn in its new place, while one that is pushed shifts the layout. It
      // would lose the focus.
      if (moves || line.nextSibling !== next) this.body.insertBefore(line, next);
      setAttribute(line, "aria-rowindex", String(from + index + 2));
      setAttribute(line, "aria-selected", String(row.key === selected));
      setTabStop(line, row.key === tabStop);
    });
    this.gaps[0].firstChild.style.height = `${from * rowHeight}px`;
    this.gaps[1].firstChild.style.height = `${(rows.length - end) * rowHeight}px`;
  }

  removeExcept(keys) {
    for (const [key, { line }] of this.rendered) {
      if (keys.has(key)) continue;
      if (line.contains(document.activeElement)) this.onFocusLost();
      line.remove();
      this.rendered.delete(key);
    }
  }

  render(row, now) {
    const rendered = this.rendered.get(row.key) ?? this.create(row.key);
    const changed = rendered.content !== row.content;
    rendered.row = row;
    rendered.content = row.content;
    this.columns.forEach((column, index) => {
      if (changed || column.live) column.render(rendered.cells[index], row, now, rendered.line.tabIndex);
    });
    return rendered;
  }

  create(key) {
    const created = {
      line: createElement("tr", "gcc-row"),
      cells: this.columns.map(({ css }) => createElement("td", css)),
    };
    created.line.append(...created.cells);
    created.line.tabIndex = -1;
    created.line.dataset.key = key;
    this.rendered.set(key, created);
    return created;
  }

  // Renders the cells that change with time.
  tick(now) {
    for (const { row, line, cells } of this.rendered.values()) {
      this.columns.forEach((column, index) => {
        if (column.live) column.render(cells[index], row, now, line.tabIndex);
      });
    }
  }

  // The row that an element belongs to.
  rowAt(element) {
    return this.rendered.get(Number(element.closest?.("tr")?.dataset.key))?.row;
  }
}

// Tab stops at one row and its buttons.
function setTabStop(line, here) {
  const tabIndex = here ? 0 : -1;
  if (line.tabIndex === tabIndex) return;
  line.tabIndex = tabIndex;
  for (const button of line.querySelectorAll("button")) button.tabIndex = tabIndex;
}
