// A table of any length: only the rows in sight are elements. By keyboard it is one stop, moved by the arrow keys.

const HEAD_PX = 30;
const SPARE_ROWS = 6;

class Grid {
  // columns: [{ name, title, css, value(row), paint(cell, row, now), live }]; `value` makes a column sortable
  // acts: { open(row), escape(), pressed(row, button) }
  // rowHeight: in pixels, the same for all rows
  constructor({ label, columns, height, rowHeight, order, empty, many, acts }) {
    Object.assign(this, { columns, height, rowHeight, order, many, acts });
    this.all = [];
    this.filter = null;
    this.shown = []; // in order, what the filter lets through
    this.lines = new Map(); // key -> { row, line, cells, mark }: the elements
    this.chosen = null;
    this.build(label, empty);
    this.listen();
  }

  build(label, empty) {
    this.box = make("div", "gcc-grid");
    this.scroller = make("div", "gcc-scroll");
    this.table = make("table", "gcc-table");
    this.table.setAttribute("role", "grid");
    this.table.style.setProperty("--gcc-row", `${this.rowHeight}px`);
    this.table.setAttribute("aria-label", label);
    this.table.setAttribute("aria-colcount", this.columns.length);
    const head = make("thead");
    const line = make("tr");
    this.heads = this.columns.map((column) => this.head(column));
    line.append(...this.heads);
    head.append(line);
    this.body = make("tbody");
    this.gaps = [make("tr", "gcc-gap"), make("tr", "gcc-gap")];
    for (const gap of this.gaps) {
      gap.setAttribute("aria-hidden", "true");
      gap.append(make("td")); // of one column: more would keep the place of columns that are hidden
    }
    this.body.append(...this.gaps);
    this.table.append(head, this.body);
    this.empty = make("p", "gcc-empty", empty);
    this.pill = button("gcc-pill", "", () => this.release());
    this.pill.hidden = true;
    this.scroller.append(this.table, this.empty);
    this.box.append(this.scroller, this.pill);
  }

  head(column) {
    const cell = make("th", column.css);
    cell.scope = "col";
    if (!column.value) {
      cell.textContent = column.title;
      return cell;
    }
    const sort = button("gcc-sort", column.title, () => this.sortBy(column));
    sort.append(make("span", "gcc-arrow"));
    cell.append(sort);
    return cell;
  }

  sortBy(column) {
    const same = this.order.name === column.name;
    this.order = { name: column.name, up: same ? !this.order.up : !column.down };
    this.sort();
    this.scroller.scrollTop = 0;
    this.render();
  }

  // ---- what is shown

  // `rows` in the order they came. While somebody points at a row or is in one by keyboard, no row moves away.
  update(rows, now) {
    this.all = rows;
    this.now = now;
    if (this.held) this.stay();
    else this.sort();
    this.render();
  }

  // The pill too, since it comes up over the first row, where the pointer may be.
  get held() {
    const pointed = this.body.matches(":hover") || this.pill.matches(":hover");
    return this.shown.length > 0 && (pointed || this.body.querySelector(":focus-visible") !== null);
  }

  stay() {
    const here = new Map(this.all.map((row) => [row.key, row]));
    const before = new Set(this.shown.map((row) => row.key));
    this.shown = this.shown.map((row) => here.get(row.key)).filter(Boolean);
    this.waiting = this.wanted().filter((row) => !before.has(row.key)).length;
  }

  wanted() {
    return this.filter ? this.all.filter(this.filter) : this.all;
  }

  sort() {
    this.waiting = 0;
    const column = this.columns.find(({ name }) => name === this.order.name);
    const way = this.order.up ? 1 : -1;
    const value = column.value;
    const rows = this.wanted().slice();
    rows.sort((a, b) => {
      const [one, other] = [value(a, this.now), value(b, this.now)];
      return one < other ? -way : one > other ? way : b.key - a.key;
    });
    this.shown = rows;
    this.columns.forEach(({ name }, at) => {
      const sorted = name === column.name;
      if (!this.columns[at].value) return;
      setAttribute(this.heads[at], "aria-sort", sorted ? (way > 0 ? "ascending" : "descending") : "none");
    });
  }

  release() {
    const focused = this.box.contains(document.activeElement);
    this.sort();
    this.scroller.scrollTop = 0;
    this.active = this.shown[0]?.key;
    this.render();
    if (focused) this.focus(0);
  }

  // ---- elements

  render() {
    const { shown, scroller, rowHeight } = this;
    this.empty.hidden = shown.length > 0;
    const height = Math.min(HEAD_PX + shown.length * rowHeight + 2, this.height);
    const css = shown.length ? `${height}px` : "auto";
    if (scroller.style.height !== css) scroller.style.height = css;
    this.table.hidden = !shown.length;
    const from = Math.max(Math.floor(scroller.scrollTop / rowHeight) - SPARE_ROWS, 0);
    const to = Math.min(from + Math.ceil(height / rowHeight) + 2 * SPARE_ROWS, shown.length);
    this.window = [Math.min(from, to), to];
    this.place(shown.slice(...this.window));
    this.gaps[0].firstChild.style.height = `${this.window[0] * rowHeight}px`;
    this.gaps[1].firstChild.style.height = `${(shown.length - to) * rowHeight}px`;
    setAttribute(this.table, "aria-rowcount", String(shown.length + 1));
    this.pill.hidden = !this.waiting;
    if (this.waiting) setText(this.pill, `${this.many(this.waiting)} – show`);
  }

  place(rows) {
    const wanted = new Set(rows.map((row) => row.key));
    for (const [key, { line }] of this.lines) {
      if (wanted.has(key)) continue;
      if (line.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
      line.remove();
      this.lines.delete(key);
    }
    const stop = wanted.has(this.active) ? this.active : rows[Math.min(SPARE_ROWS, this.window[0])]?.key;
    let next = this.gaps[0].nextSibling;
    rows.forEach((row, at) => {
      const { line } = this.line(row);
      if (line === next) next = next.nextSibling;
      else this.body.insertBefore(line, next); // an element that is moved would lose the focus
      setAttribute(line, "aria-rowindex", String(this.window[0] + at + 2));
      setAttribute(line, "aria-selected", String(row.key === this.chosen));
      this.stop(line, row.key === stop);
    });
  }

  // The row that Tab comes to, with its buttons; the others are passed over.
  stop(line, here) {
    const index = here ? 0 : -1;
    if (line.tabIndex === index) return;
    line.tabIndex = index;
    for (const one of line.querySelectorAll("button")) one.tabIndex = index;
  }

  line(row) {
    let known = this.lines.get(row.key);
    if (!known) {
      known = { line: make("tr", "gcc-row"), cells: this.columns.map(({ css }) => make("td", css)) };
      known.line.append(...known.cells);
      known.line.tabIndex = -1;
      known.line.dataset.key = row.key;
      this.lines.set(row.key, known);
    }
    const whole = known.mark !== row.mark;
    known.row = row;
    known.mark = row.mark;
    this.columns.forEach((column, at) => {
      if (whole || column.live) column.paint(known.cells[at], row, this.now, known.line.tabIndex);
    });
    return known;
  }

  // What changes with time alone.
  tick(now) {
    this.now = now;
    for (const { row, line, cells } of this.lines.values()) {
      this.columns.forEach((column, at) => column.live && column.paint(cells[at], row, now, line.tabIndex));
    }
  }

  // ---- what the user does

  listen() {
    this.scroller.tabIndex = -1;
    this.scroller.addEventListener("scroll", () => this.render());
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("focusin", (event) => {
      const line = event.target.closest("tr");
      const key = [...this.lines].find(([, known]) => known.line === line)?.[0];
      if (key === undefined || key === this.active) return;
      this.active = key;
      this.render();
    });
    this.body.addEventListener("click", (event) => {
      const known = this.lines.get(this.keyOf(event.target));
      if (!known) return;
      const pressed = event.target.closest("button");
      if (pressed) this.acts.pressed(known.row, pressed);
      else if (!String(window.getSelection())) this.acts.open(known.row);
    });
  }

  keyOf(target) {
    const key = target.closest?.("tr")?.dataset.key;
    return key === undefined ? undefined : Number(key);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.shown.findIndex((row) => row.key === this.active);
    const page = Math.max(Math.floor((this.scroller.clientHeight - HEAD_PX) / this.rowHeight) - 1, 1);
    const moves = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: this.shown.length - 1,
    };
    const onRow = event.target.tagName === "TR";
    if (event.key in moves) this.focus(moves[event.key]);
    else if (onRow && (event.key === "Enter" || event.key === " ")) this.acts.open(this.shown[at]);
    else if (event.key === "Escape") this.acts.escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  focus(at) {
    const index = Math.min(Math.max(at, 0), this.shown.length - 1);
    const row = this.shown[index];
    if (!row) return;
    this.active = row.key;
    scrollToRow(this.scroller, index, this.rowHeight, this.scroller.clientHeight - HEAD_PX);
    this.render();
    this.lines.get(row.key)?.line.focus({ preventScroll: true });
  }

  choose(key) {
    this.chosen = key;
    this.render();
  }
}
