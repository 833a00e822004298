// A table of any length. By keyboard it is one stop, moved by the arrow keys.

const HEAD_PX = 30;

class Grid {
  // columns: [{ name, title, css, value(row), paint(cell, row, now), live }]; `value` makes a column sortable
  // acts: { open(row), escape(), pressed(row, button) }
  // rowHeight: in pixels, the same for all rows
  constructor({ label, columns, height, rowHeight, order, empty, many, acts }) {
    Object.assign(this, { columns, height, rowHeight, many, acts });
    this.order = new Order(columns, order);
    this.chosen = null;
    this.build(label, empty);
    this.listen();
  }

  build(label, empty) {
    this.box = make("div", "gcc-grid");
    this.scroller = make("div", "gcc-scroll");
    this.scroller.tabIndex = -1;
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
    this.lines = new Lines(this.columns, this.rowHeight, { left: () => this.scroller.focus({ preventScroll: true }) });
    this.table.append(head, this.lines.body);
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

  get shown() {
    return this.order.shown;
  }

  // How many rows there are for the filter, those too that wait.
  get size() {
    return this.shown.length + this.order.waiting;
  }

  sortBy(column) {
    this.order.turn(column);
    this.scroller.scrollTop = 0;
    this.render();
  }

  // `rows` in the order they came; `filter` says which of them are shown.
  update(rows, filter, now) {
    this.order.filter = filter;
    this.order.update(rows, now, this.held);
    this.render();
  }

  // While somebody points at a row or is in one by keyboard, no row moves away. The pill too, since it comes up over the
  // first row, where the pointer may be.
  get held() {
    const { body } = this.lines;
    const pointed = body.matches(":hover") || this.pill.matches(":hover");
    return this.shown.length > 0 && (pointed || body.querySelector(":focus-visible") !== null);
  }

  release() {
    const focused = this.box.contains(document.activeElement);
    this.order.sort();
    this.scroller.scrollTop = 0;
    this.active = this.shown[0]?.key;
    this.render();
    if (focused) this.focus(0);
  }

  render() {
    const { shown, scroller, rowHeight, order, active, chosen } = this;
    this.empty.hidden = shown.length > 0;
    const height = Math.min(HEAD_PX + shown.length * rowHeight + 2, this.height);
    const css = shown.length ? `${height}px` : "auto";
    if (scroller.style.height !== css) scroller.style.height = css;
    this.table.hidden = !shown.length;
    this.lines.show(shown, { top: scroller.scrollTop, height, now: order.now, active, chosen });
    this.columns.forEach((column, at) => column.value && setAttribute(this.heads[at], "aria-sort", order.wayOf(column)));
    setAttribute(this.table, "aria-rowcount", String(shown.length + 1));
    this.pill.hidden = !order.waiting;
    if (order.waiting) setText(this.pill, `${this.many(order.waiting)} – show`);
  }

  tick(now) {
    this.order.now = now;
    this.lines.tick(now);
  }

  // ---- what the user does

  listen() {
    const { body } = this.lines;
    this.scroller.addEventListener("scroll", () => this.render());
    body.addEventListener("keydown", (event) => this.key(event));
    body.addEventListener("focusin", ({ target }) => {
      const row = this.lines.rowOf(target);
      if (!row || row.key === this.active) return;
      this.active = row.key;
      this.render();
    });
    body.addEventListener("click", ({ target }) => {
      const row = this.lines.rowOf(target);
      if (!row) return;
      const pressed = target.closest("button");
      if (pressed) this.acts.pressed(row, pressed);
      else if (!String(window.getSelection())) this.acts.open(row);
    });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.order.at(this.active);
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
    this.lines.known.get(row.key)?.line.focus({ preventScroll: true });
  }

  choose(key) {
    this.chosen = key;
    this.render();
  }
}
