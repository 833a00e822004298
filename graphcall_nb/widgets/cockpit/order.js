// Which rows are shown and in which order. While they are held none of them moves, and new ones wait.

class Order {
  // columns: see Grid; by: { name, up }
  constructor(columns, by) {
    this.columns = columns;
    this.by = by;
    this.all = [];
    this.filter = null;
    this.shown = []; // in order, what the filter lets through
    this.waiting = 0;
  }

  // `rows` in the order they came.
  update(rows, now, held) {
    this.all = rows;
    this.now = now;
    if (held) this.stay();
    else this.sort();
  }

  // By this column, or the other way round when it is by this one already.
  turn(column) {
    const same = this.by.name === column.name;
    this.by = { name: column.name, up: same ? !this.by.up : !column.down };
    this.sort();
  }

  // As `aria-sort` says it.
  wayOf(column) {
    if (column.name !== this.by.name) return "none";
    return this.by.up ? "ascending" : "descending";
  }

  stay() {
    const here = new Map(this.all.map((row) => [row.key, row]));
    const before = new Set(this.shown.map((row) => row.key));
    this.shown = this.shown.map((row) => here.get(row.key)).filter(Boolean);
    this.waiting = this.wanted().filter((row) => !before.has(row.key)).length;
  }

  sort() {
    const { value } = this.columns.find(({ name }) => name === this.by.name);
    const way = this.by.up ? 1 : -1;
    this.waiting = 0;
    this.shown = this.wanted().sort((a, b) => {
      const [one, other] = [value(a, this.now), value(b, this.now)];
      return one < other ? -way : one > other ? way : b.key - a.key;
    });
  }

  wanted() {
    return this.all.filter(this.filter ?? (() => true));
  }

  at(key) {
    return this.shown.findIndex((row) => row.key === key);
  }
}
