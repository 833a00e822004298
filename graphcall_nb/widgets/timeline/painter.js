// Draws on the canvas. Only rows on the screen are drawn, so a thousand calls cost no more than twenty.

class Painter {
  constructor(context) {
    this.context = context;
    this.fitted = new Map(); // text cut to a width, since measuring is what costs
  }

  // scene: { store, rows, hidden, time (TimeWindow), now, scroll, layout, theme, selected, hovered }
  paint(scene) {
    Object.assign(this, scene);
    const { layout } = scene;
    this.pixelsPerMs = (layout.right - layout.gutter) / this.time.width;
    const g = this.context;
    g.clearRect(0, 0, layout.width, layout.height);
    g.textBaseline = "middle";
    this.grid();
    g.save();
    g.beginPath();
    g.rect(0, layout.top, layout.width, layout.bottom - layout.top);
    g.clip();
    this.calls();
    g.restore();
    if (layout.strip) this.concurrency();
    this.nowLine();
  }

  x(ms) {
    return this.layout.gutter + (ms - this.time.from) * this.pixelsPerMs;
  }

  font(size, weight = "") {
    this.context.font = `${weight} ${size}px ${this.theme.font}`;
  }

  grid() {
    const { layout, theme, store, context: g } = this;
    const base = store.base;
    const most = (layout.right - layout.gutter) / (this.time.width < 10 * SECOND ? 104 : 84);
    const { step, times } = tickTimes(this.time.from + base, this.time.to + base, most);
    this.font(11);
    g.textAlign = "center";
    for (const time of times) {
      const x = Math.round(this.x(time - base)) + 0.5;
      g.fillStyle = theme.line;
      g.fillRect(x - 0.5, layout.top, 1, layout.height - layout.top);
      g.fillStyle = theme.dim;
      const label = timeText(time, step);
      const half = g.measureText(label).width / 2;
      if (x + half <= layout.width - 2 && x - half >= layout.gutter - 8) g.fillText(label, x, AXIS / 2 + 1);
    }
    g.textAlign = "left";
    g.fillText(dateText(this.time.to + base), 8, AXIS / 2 + 1);
    g.fillStyle = theme.line;
    g.fillRect(0, AXIS - 1, layout.width, 1);
  }

  calls() {
    const { layout, rows, scroll } = this;
    const first = Math.max(0, Math.floor(scroll / layout.row));
    const last = Math.min(rows.length, Math.ceil((scroll + layout.bottom - layout.top) / layout.row));
    for (let i = first; i < last; i += 1) this.call(rows[i], layout.top + i * layout.row - scroll);
  }

  call(call, top) {
    const { layout, theme, context: g, store } = this;
    if (call.key === this.selected || call.key === this.hovered?.key) {
      g.fillStyle = theme.raised;
      g.fillRect(0, top, layout.width, layout.row);
    }
    if (call.key === this.selected) {
      g.fillStyle = theme.accent;
      g.fillRect(0, top, 3, layout.row);
    }
    if (!layout.dense) this.name(call, top + layout.row / 2 + 0.5);
    g.save();
    g.beginPath();
    g.rect(layout.gutter, top, layout.right - layout.gutter + 10, layout.row);
    g.clip();
    for (let i = 0; i < call.states.length; i += 1) {
      if (!this.hidden.has(call.states[i])) this.bar(call, i, top + (layout.row - layout.bar) / 2);
    }
    g.restore();
  }

  name(call, middle) {
    const { theme, context: g } = this;
    this.font(12);
    g.textAlign = "left";
    g.fillStyle = this.store.ended(call) ? theme.dim : theme.text;
    g.fillText(this.fit(call.name, this.layout.gutter - 20), 10, middle);
  }

  bar(call, i, top) {
    const { layout, context: g, store } = this;
    const state = store.states[call.states[i]];
    const open = i + 1 === call.states.length;
    const start = this.x(call.starts[i]);
    g.fillStyle = state.color;
    if (call.states[i] === store.end) {
      const beyond = layout.dense ? 0 : 3;
      this.rounded(start - 1.5, top - beyond, 3, layout.bar + 2 * beyond, 1.5);
      return;
    }
    const end = this.x(open ? Math.max(this.now, call.starts[i]) : call.starts[i + 1]);
    if (end < layout.gutter || start > layout.right + 10) return;
    // A state too short to see is still there.
    const width = Math.max(end - start - 1, 1.5);
    this.rounded(start, top, width, layout.bar, Math.min(3, width / 2));
    this.word(state, Math.max(start, layout.gutter), start + width, top);
  }

  rounded(x, y, width, height, radius) {
    const g = this.context;
    g.beginPath();
    g.roundRect(x, y, width, height, radius);
    g.fill();
  }

  word(state, from, to, top) {
    const { context: g, layout } = this;
    if (layout.dense || to - from < 30) return;
    this.font(10.5);
    const text = this.fit(state.name, to - from - 10);
    if (text.length < Math.min(4, state.name.length)) return;
    g.fillStyle = state.text;
    g.fillText(text, from + 5, top + layout.bar / 2 + 0.5);
  }

  // How many calls were in each state at once, pixel for pixel: the picture of a thousand calls.
  concurrency() {
    const { layout, theme, context: g, store } = this;
    const left = layout.gutter;
    const width = Math.max(Math.floor(layout.right - left), 1);
    const { stacks, most } = this.depths(width);
    const top = layout.bottom + 16;
    const height = layout.height - top - 4;
    g.fillStyle = theme.line;
    g.fillRect(0, layout.bottom, layout.width, 1);
    const unit = height / Math.max(most, 1);
    const floor = new Float32Array(width);
    stacks.forEach((depth, index) => {
      if (!depth) return;
      g.fillStyle = store.states[index].color;
      for (let x = 0; x < width; x += 1) {
        let end = x + 1;
        while (end < width && depth[end] === depth[x] && floor[end] === floor[x]) end += 1;
        if (depth[x]) g.fillRect(left + x, top + height - (floor[x] + depth[x]) * unit, end - x, depth[x] * unit);
        for (let at = x, sum = floor[x] + depth[x]; at < end; at += 1) floor[at] = sum;
        x = end - 1;
      }
    });
    this.font(11);
    g.fillStyle = theme.dim;
    g.fillText("Calls at once", 10, top + height / 2 - 7);
    g.fillText(`at most ${grouped(most)} here`, 10, top + height / 2 + 8);
  }

  depths(width) {
    const { store, time, hidden } = this;
    const stacks = store.states.map(() => null);
    const at = (ms) => Math.min(Math.max(Math.floor((ms - time.from) * this.pixelsPerMs), 0), width);
    for (const call of this.rows) {
      for (let i = 0; i < call.states.length; i += 1) {
        const state = call.states[i];
        if (state === store.end || hidden.has(state)) continue;
        const from = at(call.starts[i]);
        const to = at(i + 1 < call.starts.length ? call.starts[i + 1] : this.now);
        if (from === to) continue;
        stacks[state] ??= new Float32Array(width + 1);
        stacks[state][from] += 1;
        stacks[state][to] -= 1;
      }
    }
    const total = new Float32Array(width);
    for (const depth of stacks) {
      if (!depth) continue;
      for (let x = 1; x < width; x += 1) depth[x] += depth[x - 1];
      for (let x = 0; x < width; x += 1) total[x] += depth[x];
    }
    return { stacks, most: total.reduce((one, other) => Math.max(one, other), 0) };
  }

  nowLine() {
    const { layout, theme, context: g } = this;
    if (this.now === null || !this.store.facts.open) return;
    const x = this.x(this.now);
    if (x < layout.gutter || x > layout.right + 10) return;
    g.fillStyle = theme.accent;
    g.fillRect(Math.round(x), AXIS - 6, 1.5, layout.height - AXIS + 6);
    g.beginPath();
    g.moveTo(x - 4, AXIS - 7);
    g.lineTo(x + 5.5, AXIS - 7);
    g.lineTo(x + 0.75, AXIS - 1);
    g.fill();
  }

  fit(text, room) {
    const key = `${this.context.font}|${Math.floor(room)}|${text}`;
    let cut = this.fitted.get(key);
    if (cut === undefined) {
      cut = text;
      while (cut.length > 1 && this.context.measureText(cut).width > room) cut = `${cut.slice(0, -2).trimEnd()}…`;
      if (this.fitted.size > 4000) this.fitted.clear();
      this.fitted.set(key, cut);
    }
    return cut;
  }
}
