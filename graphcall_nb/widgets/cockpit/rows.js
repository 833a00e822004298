// The rows of a table, at most as many as the kernel keeps.

class Rows extends Kept {
  // read: makes a row object of a row of the wire; it must have a `key`
  constructor(state, read) {
    super("rows");
    this.read = read;
    this.base = 0; // times are milliseconds since 1970
    this.load(state);
  }

  hear({ most }) {
    if (most !== undefined) this.most = most;
  }

  put(wire) {
    const row = this.read(wire);
    row.wire = wire;
    this.items.set(row.key, row);
    return row;
  }

  take(news) {
    const changed = super.take(news);
    this.makeRoom();
    return changed;
  }

  // The oldest come first.
  makeRoom() {
    for (const key of this.items.keys()) {
      if (!this.most || this.items.size <= this.most) return;
      this.items.delete(key);
    }
  }

  dump() {
    return { ...super.dump((row) => row.wire), most: this.most };
  }
}
