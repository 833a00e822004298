// The elements of a table's rows: only of those in sight, between two gaps that stand for the others.

const SPARE_ROWS = 6;

class Lines {
  // columns: see Grid; acts: { left() }, when an element that has the focus is taken away
  constructor(columns, rowHeight, acts) {
    this.columns = columns;
    this.rowHeight = rowHeight;
    this.acts = acts;
    this.known = new Map(); // key -> { row, line, cells, mark }
    this.body = make("tbody");
    this.gaps = [make("tr", "gcc-gap"), make("tr", "gcc-gap")];
    for (const gap of this.gaps) {
      gap.setAttribute("aria-hidden", "true");
      gap.append(make("td")); // of one column: more would keep the place of columns that are hidden
    }
    this.body.append(...this.gaps);
  }

  // `top` and `height` of what is in sight, in pixels; `active` is the key of the row that Tab comes to, if it is in sight.
  show(shown, { top, height, now, active, chosen }) {
    const { rowHeight } = this;
    const first = Math.max(Math.floor(top / rowHeight) - SPARE_ROWS, 0);
    const to = Math.min(first + Math.ceil(height / rowHeight) + 2 * SPARE_ROWS, shown.length);
    const from = Math.min(first, to);
    const rows = shown.slice(from, to);
    const wanted = new Set(rows.map((row) => row.key));
    this.drop(wanted);
    const stop = wanted.has(active) ? active : rows[Math.min(SPARE_ROWS, from)]?.key;
    let next = this.gaps[0].nextSibling;
    rows.forEach((row, at) => {
      const { line } = this.paint(row, now);
      if (line === next) next = next.nextSibling;
      else this.body.insertBefore(line, next); // an element that is moved would lose the focus
      setAttribute(line, "aria-rowindex", String(from + at + 2));
      setAttribute(line, "aria-selected", String(row.key === chosen));
      this.stop(line, row.key === stop);
    });
    this.gaps[0].firstChild.style.height = `${from * rowHeight}px`;
    this.gaps[1].firstChild.style.height = `${(shown.length - to) * rowHeight}px`;
  }

  drop(wanted) {
    for (const [key, { line }] of this.known) {
      if (wanted.has(key)) continue;
      if (line.contains(document.activeElement)) this.acts.left();
      line.remove();
      this.known.delete(key);
    }
  }

  // The row that Tab comes to, with its buttons; the others are passed over.
  stop(line, here) {
    const index = here ? 0 : -1;
    if (line.tabIndex === index) return;
    line.tabIndex = index;
    for (const one of line.querySelectorAll("button")) one.tabIndex = index;
  }

  paint(row, now) {
    const known = this.known.get(row.key) ?? this.begin(row.key);
    const whole = known.mark !== row.mark;
    known.row = row;
    known.mark = row.mark;
    this.columns.forEach((column, at) => {
      if (whole || column.live) column.paint(known.cells[at], row, now, known.line.tabIndex);
    });
    return known;
  }

  begin(key) {
    const known = { line: make("tr", "gcc-row"), cells: this.columns.map(({ css }) => make("td", css)) };
    known.line.append(...known.cells);
    known.line.tabIndex = -1;
    known.line.dataset.key = key;
    this.known.set(key, known);
    return known;
  }

  // What changes with time alone.
  tick(now) {
    for (const { row, line, cells } of this.known.values()) {
      this.columns.forEach((column, at) => column.live && column.paint(cells[at], row, now, line.tabIndex));
    }
  }

  // The row whose element this is, or is inside of.
  rowOf(target) {
    const key = target.closest?.("tr")?.dataset.key;
    return this.known.get(Number(key))?.row;
  }
}
