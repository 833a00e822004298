// The rows to show and their order. While the order is held, no row moves and new rows wait.

export class SortFilter {
  // columns: those of Grid; by: { name, ascending }
  constructor(columns, by) {
    this.columns = columns;
    this.by = by;
    this.all = [];
    this.filter = null;
    this.rows = []; // filtered and sorted
    this.waiting = 0;
  }

  // `rows` in the order of arrival; `now` for columns whose value depends on time.
  update(rows, now, held) {
    this.all = rows;
    this.now = now;
    if (held) this.keepOrder();
    else this.sort();
  }

  // Sorts by a column, or reverses the order when the rows are already sorted by it.
  sortBy(column) {
    const same = this.by.name === column.name;
    this.by = { name: column.name, ascending: same ? !this.by.ascending : !column.descending };
    this.sort();
  }

  // The value of `aria-sort`.
  directionOf(column) {
    if (column.name !== this.by.name) return "none";
    return this.by.ascending ? "ascending" : "descending";
  }

  keepOrder() {
    const present = new Map(this.all.map((row) => [row.key, row]));
    const before = new Set(this.rows.map((row) => row.key));
    this.rows = this.rows.map((row) => present.get(row.key)).filter(Boolean);
    this.waiting = this.filtered().filter((row) => !before.has(row.key)).length;
  }

  sort() {
    const { value } = this.columns.find(({ name }) => name === this.by.name);
    const sign = this.by.ascending ? 1 : -1;
    this.waiting = 0;
    this.rows = this.filtered().sort((a, b) => {
      const [one, other] = [value(a, this.now), value(b, this.now)];
      if (one === other) return b.key - a.key;
      return one < other ? -sign : sign;
    });
  }

  filtered() {
    return this.filter ? this.all.filter(this.filter) : [...this.all];
  }

  indexOf(key) {
    return this.rows.findIndex((row) => row.key === key);
  }
}
