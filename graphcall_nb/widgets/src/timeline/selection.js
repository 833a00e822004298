// The selected call and the spot under the pointer.

export class Selection {
  // Returns true when the spot differs from the one before.
  hover(spot) {
    const before = this.spot;
    this.spot = spot;
    return spot?.key !== before?.key || spot?.index !== before?.index || spot?.x !== before?.x;
  }

  select(key) {
    this.key = key;
  }

  // The index in `rows` after a step up or down; the first step selects the first or the last row.
  indexAfter(rows, step) {
    const index = rows.findIndex((call) => call.key === this.key);
    const next = index < 0 ? (step > 0 ? 0 : rows.length - 1) : index + step;
    return Math.min(Math.max(next, 0), rows.length - 1);
  }

  clear() {
    this.key = this.spot = undefined;
  }
}
