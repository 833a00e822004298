// The rows of a table, limited to the number that the kernel keeps.

import { Store } from "../common/store.js";

export class RowStore extends Store {
  // readRow: makes a row object with a `key` from a row of the wire
  constructor(state, readRow) {
    super("rows");
    this.readRow = readRow;
    this.base = 0; // times are milliseconds since 1970
    this.load(state);
  }

  readExtras({ most }) {
    if (most !== undefined) this.maxRows = most;
  }

  put(wire) {
    const row = this.readRow(wire);
    row.wire = wire;
    this.items.set(row.key, row);
    return row;
  }

  merge(message) {
    const changed = super.merge(message);
    for (const key of this.items.keys()) {
      if (!this.maxRows || this.items.size <= this.maxRows) break;
      this.items.delete(key); // the oldest come first
    }
    return changed;
  }

  dump() {
    return { ...super.dump((row) => row.wire), most: this.maxRows };
  }
}
