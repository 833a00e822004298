// Says on the canvas what is painted there, for tests and for the curious.

class Report {
  constructor(canvas) {
    this.data = canvas.dataset;
  }

  tell({ store, rows, time }, frames) {
    const { data } = this;
    data.frames = frames;
    data.from = Math.round(time.from);
    data.to = Math.round(time.to);
    if (this.version === store.version && data.rows === String(rows.length)) return;
    this.version = store.version;
    const { counts, open } = store.facts;
    const states = Object.fromEntries(store.states.map(({ name }, i) => [name, counts[i]]).filter(([, n]) => n));
    data.calls = store.size;
    data.rows = rows.length;
    data.open = open;
    data.states = JSON.stringify(states);
    data.seq = store.n;
  }
}
