// A table of any length. For the keyboard it is one tab stop; arrow keys move between rows.

import { createButton, createElement, scrollToRow, setAttribute, setText } from "../common/dom.js";
import { SortFilter } from "./sort_filter.js";
import { VirtualRows } from "./virtual_rows.js";

const HEAD_PX = 30;

export class Grid {
  // columns: [{ name, title, css, value(row, now), render(cell, row, now, tabIndex), live }]; `value` makes a column
  // sortable, `live` renders it every second. rowHeight: in pixels, the same for all rows.
  // callbacks: { open(row), close(), press(row, button) }
  constructor({ label, columns, height, rowHeight, sort, emptyText, describeWaiting, callbacks }) {
    Object.assign(this, { columns, height, rowHeight, describeWaiting, callbacks });
    this.order = new SortFilter(columns, sort);
    this.selected = null;
    this.build(label, emptyText);
    this.listen();
  }

  build(label, emptyText) {
    this.box = createElement("div", "gcc-grid");
    this.scroller = createElement("div", "gcc-scroll");
    this.scroller.tabIndex = -1;
    this.scroller.style.height = `${this.height}px`; // for any number of rows, so that the panels below stay in place
    this.table = createElement("table", "gcc-table");
    this.table.setAttribute("role", "grid");
    this.table.style.setProperty("--gcc-row", `${this.rowHeight}px`);
    this.table.setAttribute("aria-label", label);
    this.table.setAttribute("aria-colcount", this.columns.length);
    const head = createElement("thead");
    const line = createElement("tr");
    this.headers = this.columns.map((column) => this.createHeader(column));
    line.append(...this.headers);
    head.append(line);
    this.lines = new VirtualRows(this.columns, this.rowHeight, () => this.scroller.focus({ preventScroll: true }));
    this.table.append(head, this.lines.body);
    this.empty = createElement("p", "gcc-empty", emptyText);
    // For the bar above the table, where it has a reserved place: it covers no row and moves none.
    this.pill = createButton("gcc-pill", "", { onClick: () => this.release() });
    this.pill.style.visibility = "hidden";
    this.scroller.append(this.table, this.empty);
    this.box.append(this.scroller);
  }

  createHeader(column) {
    const header = createElement("th", column.css, column.value ? undefined : column.title);
    header.scope = "col";
    if (!column.value) return header;
    const sort = createButton("gcc-sort", column.title, { onClick: () => this.sortBy(column) });
    sort.append(createElement("span", "gcc-arrow"));
    header.append(sort);
    return header;
  }

  get rows() {
    return this.order.rows;
  }

  // The number of rows that pass the filter, waiting ones included.
  get size() {
    return this.rows.length + this.order.waiting;
  }

  // While a row is under the pointer or has the keyboard focus, no row moves away. The pill counts too: it stays while
  // the pointer is on it.
  get held() {
    const { body } = this.lines;
    const pointed = body.matches(":hover") || this.pill.matches(":hover");
    return this.rows.length > 0 && (pointed || body.querySelector(":focus-visible") !== null);
  }

  sortBy(column) {
    this.order.sortBy(column);
    this.scroller.scrollTop = 0;
    this.render();
  }

  // `rows` in the order of arrival.
  update(rows, filter, now) {
    this.order.filter = filter;
    this.order.update(rows, now, this.held && !this.isFilterNew);
    this.isFilterNew = false;
    this.render();
  }

  // Lets waiting rows in.
  release() {
    const { activeElement } = document;
    const focused = activeElement === this.pill || this.box.contains(activeElement);
    this.order.sort();
    this.scroller.scrollTop = 0;
    this.active = this.rows[0]?.key;
    this.render();
    if (focused) this.focus(0);
  }

  render() {
    const { rows, scroller, order, active, selected } = this;
    this.empty.hidden = rows.length > 0;
    this.table.hidden = !rows.length;
    this.lines.show(rows, { top: scroller.scrollTop, height: this.height, now: order.now, active, selected });
    this.columns.forEach((column, index) => {
      if (column.value) setAttribute(this.headers[index], "aria-sort", order.directionOf(column));
    });
    setAttribute(this.table, "aria-rowcount", String(rows.length + 1));
    this.pill.style.visibility = order.waiting ? "" : "hidden";
    if (order.waiting) setText(this.pill, `${this.describeWaiting(order.waiting)} – show`);
  }

  tick(now) {
    this.order.now = now;
    this.lines.tick(now);
  }

  listen() {
    const { body } = this.lines;
    this.scroller.addEventListener("scroll", () => this.render());
    body.addEventListener("keydown", (event) => this.onKey(event));
    body.addEventListener("focusin", ({ target }) => {
      const row = this.lines.rowAt(target);
      if (!row || row.key === this.active) return;
      this.active = row.key;
      this.render();
    });
    body.addEventListener("click", ({ target }) => {
      const row = this.lines.rowAt(target);
      if (!row) return;
      const button = target.closest("button");
      if (button) this.callbacks.press(row, button);
      else if (!String(window.getSelection())) this.callbacks.open(row);
    });
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.order.indexOf(this.active);
    const page = Math.max(Math.floor((this.scroller.clientHeight - HEAD_PX) / this.rowHeight) - 1, 1);
    const targets = {
      ArrowUp: index - 1,
      ArrowDown: index + 1,
      PageUp: index - page,
      PageDown: index + page,
      Home: 0,
      End: this.rows.length - 1,
    };
    const onRow = event.target.tagName === "TR";
    if (event.key in targets) this.focus(targets[event.key]);
    else if (onRow && (event.key === "Enter" || event.key === " ")) this.callbacks.open(this.rows[index]);
    else if (event.key === "Escape") this.callbacks.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  focus(target) {
    const index = Math.min(Math.max(target, 0), this.rows.length - 1);
    const row = this.rows[index];
    if (!row) return;
    this.active = row.key;
    scrollToRow(this.scroller, index, this.rowHeight, this.scroller.clientHeight - HEAD_PX);
    this.render();
    this.lines.rendered.get(row.key)?.line.focus({ preventScroll: true });
  }

  select(key) {
    this.selected = key;
    this.render();
  }
}
