// Which call is chosen, and which spot is pointed at.

class Choice {
  // True when that is another spot than before.
  point(spot) {
    const before = this.spot;
    this.spot = spot;
    return spot?.key !== before?.key || spot?.index !== before?.index || spot?.x !== before?.x;
  }

  choose(key) {
    this.key = key;
  }

  // Where in `rows` the choice comes to with a step up or down; the first step is onto the first or the last row.
  after(rows, step) {
    const at = rows.findIndex((call) => call.key === this.key);
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
    return Math.min(Math.max(next, 0), rows.length - 1);
  }

  letGo() {
    this.key = this.spot = undefined;
  }
}
