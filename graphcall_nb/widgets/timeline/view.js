// One view: the elements, what the user does with them, and when it is painted.

const KEYS =
  "Keys: left and right arrows move in time, plus and minus zoom, Home shows everything, End follows the present, " +
  "up and down arrows choose a call, Escape lets go. With the mouse: drag to move, Ctrl and wheel to zoom.";

let views = 0;

class View {
  constructor(link, root, setup) {
    this.link = link;
    this.store = link.store;
    this.time = new TimeWindow();
    this.hidden = new Set();
    this.stop = new AbortController();
    this.frames = 0;
    this.atBottom = true;
    this.dense = false;
    this.tallest = setup.height || 360;
    this.build(root, setup);
    this.watch();
    this.listen();
    this.changed([]);
    this.tellTwin(); // a picture must never be without words
  }

  build(root, setup) {
    this.root = make("div", "gct");
    this.controls = new Controls(setup, {
      zoom: (factor) => this.zoom(factor),
      fit: () => this.fit(),
      follow: () => this.setFollow(!this.time.follow),
      dense: () => this.toggleDense(),
      table: () => this.toggleTable(),
      toggle: (state) => this.filter(state),
      only: (state) => this.filterOnly(state),
    });
    this.plot = make("div", "gct-plot");
    this.scroller = make("div", "gct-scroll");
    this.sizer = make("div", "gct-sizer");
    this.canvas = make("canvas", "gct-canvas");
    this.canvas.tabIndex = 0;
    this.canvas.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own shortcuts would take the arrow keys
    this.canvas.setAttribute("role", "img");
    this.tip = make("div", "gct-tip");
    this.tip.hidden = true;
    this.empty = make("div", "gct-empty", "No calls yet. They appear here with their first notification.");
    this.help = make("p", "gct-hidden", KEYS);
    this.help.id = `gct-help-${(views += 1)}-${Date.now()}`;
    this.canvas.setAttribute("aria-describedby", this.help.id);
    this.sizer.append(this.canvas);
    this.scroller.append(this.sizer);
    this.plot.append(this.scroller, this.empty, this.tip);
    this.twin = new Twin();
    this.root.append(this.controls.bar, this.controls.legend, this.plot, this.help, this.twin.box, this.twin.spoken);
    root.append(this.root);
    this.painter = new Painter(this.canvas.getContext("2d"));
  }

  // ---- news

  // News is painted at once: the frame that comes next shows it in any case, and has then less to do. What else is heard
  // before that frame waits for it.
  heard(changed) {
    this.changed(changed);
    if (this.early || !this.visible || document.hidden) return;
    this.early = true;
    this.tick();
    this.schedule();
  }

  changed(changed) {
    this.rows = this.store.rows(this.hidden);
    this.twin.hear(this.store, changed);
    this.twinLater();
    this.measure();
    this.schedule();
  }

  twinLater() {
    this.twinTimer ??= setTimeout(() => this.tellTwin(), TWIN_MS);
  }

  tellTwin() {
    this.twinTimer = null;
    this.twin.update(this.store, this.rows);
    setAttribute(this.canvas, "aria-label", this.store.sentence());
    this.canvas.dataset.twin = this.store.n;
  }

  // ---- painting

  measure() {
    const strip = this.store.calls.size > 3;
    const rows = Math.max(this.rows.length, this.dense ? 14 : 4); // below that the tooltip has no room
    const height = Math.min(layoutOf(this.width, 0, rows, strip, this.dense).content, this.tallest);
    if (this.height !== height) {
      this.height = height;
      this.scroller.style.height = `${height}px`;
    }
    this.layout = layoutOf(this.width, height, rows, strip, this.dense);
    this.sizer.style.height = `${this.layout.content}px`;
    if (this.atBottom && this.time.follow) this.scroller.scrollTop = this.layout.content;
    this.empty.hidden = this.store.calls.size > 0;
    this.dirty = true;
  }

  schedule() {
    if (!this.visible || this.frame) return;
    this.frame = requestAnimationFrame(() => this.begin());
    setAttribute(this.canvas, "data-resting", "false");
  }

  // A frame begins.
  begin() {
    this.frame = 0;
    const painted = this.early && !this.dirty;
    this.early = false;
    if (painted) this.goOn(true);
    else this.tick();
  }

  tick() {
    if (!this.width) return;
    const now = this.link.now();
    const smoothly = !this.still.matches && this.frames > 0;
    const top = this.rows[Math.floor(this.scroller.scrollTop / this.layout.row)]?.starts[0] ?? this.store.facts.first;
    const gliding = this.time.update(this.store.facts, now, top, smoothly);
    // A bar that grows by less than a fifth of a pixel need not be painted again.
    const pixel = this.time.width / this.layout.width / 5;
    if (this.dirty || gliding || now - this.painted > pixel) this.paint(now);
    this.goOn(gliding);
  }

  goOn(gliding) {
    clearTimeout(this.slow);
    const growing = this.store.facts.open > 0 && this.link.growing;
    if (gliding || (growing && this.time.follow && !this.still.matches)) this.schedule();
    else if (growing) this.slow = setTimeout(() => this.schedule(), 1000);
    else setAttribute(this.canvas, "data-resting", "true");
  }

  paint(now) {
    this.dirty = false;
    this.painted = now;
    this.frames += 1;
    this.fitCanvas();
    this.theme ??= readTheme(this.root);
    this.painter.paint({
      store: this.store,
      rows: this.rows,
      hidden: this.hidden,
      time: this.time,
      now,
      scroll: this.scroller.scrollTop,
      layout: this.layout,
      theme: this.theme,
      selected: this.selected,
      hovered: this.hovered,
    });
    this.controls.update({
      store: this.store,
      hidden: this.hidden,
      following: this.time.follow,
      dense: this.dense,
      tableShown: Boolean(this.tableShown),
      connected: this.link.connected,
    });
    this.showTip(now);
    this.report();
  }

  fitCanvas() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${this.width}px`;
      this.canvas.style.height = `${this.height}px`;
    }
    this.painter.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // What is painted, for tests and for the curious.
  report() {
    const data = this.canvas.dataset;
    data.frames = this.frames;
    data.from = Math.round(this.time.from);
    data.to = Math.round(this.time.to);
    if (this.reported === this.store.version && data.rows === String(this.rows.length)) return;
    this.reported = this.store.version;
    const { counts, open } = this.store.facts;
    const states = Object.fromEntries(this.store.states.map(({ name }, i) => [name, counts[i]]).filter(([, n]) => n));
    data.calls = this.store.calls.size;
    data.rows = this.rows.length;
    data.open = open;
    data.states = JSON.stringify(states);
    data.seq = this.store.n;
  }

  // ---- hover and selection

  // The call and the bar under a point of the canvas.
  at(x, y) {
    const { layout } = this;
    if (y < layout.top || y >= layout.bottom) return null;
    const call = this.rows[Math.floor((y - layout.top + this.scroller.scrollTop) / layout.row)];
    if (!call) return null;
    const time = this.timeAt(x);
    let index = x < layout.gutter ? call.states.length - 1 : call.starts.findLastIndex((start) => start <= time);
    const mark = this.store.ended(call) && Math.abs(this.painter.x(call.starts.at(-1)) - x) < 5;
    if (mark) index = call.states.length - 1;
    return { key: call.key, call, index, x, y };
  }

  timeAt(x) {
    return this.time.from + ((x - this.layout.gutter) / (this.layout.right - this.layout.gutter)) * this.time.width;
  }

  hover(spot) {
    const same = spot?.key === this.hovered?.key && spot?.index === this.hovered?.index && spot?.x === this.hovered?.x;
    this.hovered = spot;
    if (!same) this.repaint();
  }

  select(step) {
    const at = this.rows.findIndex((call) => call.key === this.selected);
    const next = at < 0 ? (step > 0 ? 0 : this.rows.length - 1) : at + step;
    const index = Math.min(Math.max(next, 0), this.rows.length - 1);
    const call = this.rows[index];
    if (!call) return;
    this.selected = call.key;
    this.reveal(index);
    const { layout } = this;
    const y = layout.top + index * layout.row - this.scroller.scrollTop + layout.row / 2;
    this.hovered = { key: call.key, call, index: call.states.length - 1, x: layout.gutter + 8, y };
    this.twin.say(this.tipLines(this.hovered, this.link.now()).join(", "));
    this.repaint();
  }

  // Somebody else on the page, such as a form, has a link to a call.
  showCall(event) {
    event.detail.views += 1;
    const call = this.store.find(event.detail.call);
    if (!call) return;
    event.preventDefault();
    this.hidden.clear();
    this.changed([]);
    this.root.scrollIntoView({ block: "nearest" });
    // A moment later: JupyterLab gives the focus to the cell that was clicked into.
    setTimeout(() => {
      this.canvas.focus({ preventScroll: true });
      this.selected = call.key;
      this.select(0);
    }, 50);
  }

  reveal(index) {
    const { layout, scroller } = this;
    const room = layout.bottom - layout.top;
    const top = index * layout.row;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + layout.row > scroller.scrollTop + room) scroller.scrollTop = top + layout.row - room;
  }

  tipLines({ call, index }, now) {
    if (index < 0) return [call.name, "not begun yet"];
    const state = this.store.states[call.states[index]].name;
    const last = index + 1 === call.states.length;
    const start = call.starts[index];
    const at = `${last && this.store.ended(call) ? "at" : "from"} ${timeText(start + this.store.base)}`;
    if (last && this.store.ended(call)) {
      return [call.name, state, at, `after ${durationText(start - call.starts[0])}`, call.result].filter(Boolean);
    }
    const length = durationText(Math.max((last ? now : call.starts[index + 1]) - start, 0));
    return [call.name, state, at, last ? `for ${length} so far` : `for ${length}`];
  }

  showTip(now) {
    const spot = this.hovered;
    if (!spot || !this.store.calls.has(spot.key) || this.dragging) {
      this.tip.hidden = true;
      return;
    }
    const [name, state, ...rest] = this.tipLines(spot, now);
    const swatch = make("span", "gct-swatch");
    swatch.style.setProperty("--gct-state", spot.index < 0 ? "transparent" : this.store.states[spot.call.states[spot.index]].color);
    const head = make("div", "gct-tip-state");
    head.append(swatch, make("span", "", rest.length > 1 ? `${state} ${rest.splice(1, 1)[0]}` : state));
    this.tip.replaceChildren(
      make("div", "gct-tip-name", name),
      make("div", "gct-tip-id", spot.call.id),
      head,
      ...rest.map((line) => make("div", "", line)),
    );
    this.tip.hidden = false;
    // Beside the pointer and never under it, inside the picture.
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = spot.x + 18 + width > this.width ? spot.x - width - 14 : spot.x + 18;
    const top = Math.min(Math.max(spot.y - height / 2, 2), this.height - height - 2);
    this.tip.style.transform = `translate(${Math.max(Math.round(left), 2)}px, ${Math.round(top)}px)`;
  }

  // ---- what the user does

  repaint() {
    this.dirty = true;
    this.schedule();
  }

  zoom(factor, at = (this.time.from + this.time.to) / 2) {
    this.time.zoom(factor, at);
    this.repaint();
  }

  pan(part) {
    this.time.pan(part * this.time.width);
    this.repaint();
  }

  fit() {
    this.time.fit();
    this.repaint();
  }

  setFollow(follow) {
    this.time.setFollow(follow);
    if (follow) {
      this.atBottom = true;
      this.measure();
    }
    this.repaint();
  }

  toggleDense() {
    this.dense = !this.dense;
    this.measure();
    this.repaint();
  }

  toggleTable() {
    this.tableShown = !this.tableShown;
    this.twin.shown = this.tableShown;
    this.repaint();
  }

  filter(state) {
    if (!this.hidden.delete(state)) this.hidden.add(state);
    this.changed([]);
  }

  filterOnly(state) {
    const others = this.store.states.map((_, i) => i).filter((i) => i !== state && this.store.facts.seen[i]);
    const already = others.every((i) => this.hidden.has(i)) && !this.hidden.has(state);
    this.hidden = new Set(already ? [] : others);
    this.changed([]);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(Math.floor((this.layout.bottom - this.layout.top) / this.layout.row) - 1, 1);
    const acts = {
      ArrowLeft: () => this.pan(event.shiftKey ? -0.5 : -0.1),
      ArrowRight: () => this.pan(event.shiftKey ? 0.5 : 0.1),
      "+": () => this.zoom(1 / 1.5),
      "=": () => this.zoom(1 / 1.5),
      "-": () => this.zoom(1.5),
      Home: () => this.fit(),
      End: () => this.setFollow(true),
      ArrowUp: () => this.select(-1),
      ArrowDown: () => this.select(1),
      PageUp: () => this.select(-page),
      PageDown: () => this.select(page),
      Escape: () => this.letGo(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  letGo() {
    this.selected = this.hovered = undefined;
    this.repaint();
  }

  wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(clamp(event.deltaY, 60) * 0.005), this.timeAt(event.offsetX));
    else if (sideways) this.pan(clamp(sideways, 200) / this.width);
    else return; // rows scroll as any box does
    event.preventDefault();
  }

  drag(event) {
    const { x } = this.dragging;
    const moved = event.clientX - x;
    if (!this.dragging.far && Math.abs(moved) < 4) return;
    this.dragging.far = true;
    this.dragging.x = event.clientX;
    this.pan(-moved / (this.layout.right - this.layout.gutter));
  }

  drop(event) {
    if (this.dragging && !this.dragging.far) {
      this.selected = this.at(event.offsetX, event.offsetY)?.key;
    }
    this.dragging = null;
    this.repaint();
  }

  // ---- listening

  listen() {
    const { canvas, stop } = this;
    const on = (name, act, options = {}) => canvas.addEventListener(name, act, { signal: stop.signal, ...options });
    on("keydown", (event) => this.key(event));
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", () => this.fit());
    on("pointerleave", () => this.hover(undefined));
    on("blur", () => this.letGo());
    on("pointermove", (event) => {
      if (this.dragging) this.drag(event);
      else this.hover(this.at(event.offsetX, event.offsetY) ?? undefined);
    });
    on("pointerdown", (event) => {
      if (event.button || event.pointerType === "touch") return;
      canvas.setPointerCapture(event.pointerId);
      this.dragging = { x: event.clientX, far: false };
    });
    on("pointerup", (event) => this.drop(event));
    on("pointercancel", () => (this.dragging = null));
    const scrolled = () => {
      const { scrollTop, scrollHeight, clientHeight } = this.scroller;
      this.atBottom = scrollTop + clientHeight > scrollHeight - 8;
      this.repaint();
    };
    this.scroller.addEventListener("scroll", scrolled, { signal: stop.signal });
    document.addEventListener("graphcall-nb:show-call", (event) => this.showCall(event), { signal: stop.signal });
    this.still.addEventListener("change", () => this.repaint(), { signal: stop.signal });
  }

  watch() {
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.resized = new ResizeObserver(() => {
      this.width = this.scroller.clientWidth;
      if (!this.width) return;
      this.measure();
      this.schedule();
    });
    this.resized.observe(this.scroller);
    this.visible = true;
    this.seen = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      this.repaint();
    });
    this.seen.observe(this.root);
    // JupyterLab says on the body which theme it wears; its colours may come a moment later.
    this.dressed = new MutationObserver(() => {
      for (const wait of [0, 300]) setTimeout(() => this.undress(), wait);
    });
    this.dressed.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-name"] });
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.undress(), { signal: this.stop.signal });
    this.width = this.scroller.clientWidth;
    this.hearing = (changed) => this.heard(changed);
    this.link.listeners.add(this.hearing);
  }

  // Front ends touch the classes of the body for much else; only other colours are worth painting.
  undress() {
    const theme = readTheme(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    this.repaint();
  }

  remove() {
    this.stop.abort();
    this.link.listeners.delete(this.hearing);
    for (const observer of [this.resized, this.seen, this.dressed]) observer.disconnect();
    for (const timer of [this.slow, this.twinTimer]) clearTimeout(timer);
    cancelAnimationFrame(this.frame);
    this.visible = false;
    this.twin.stop();
    this.root.remove();
  }
}

function clamp(number, most) {
  return Math.max(-most, Math.min(most, number));
}

// What anywidget calls: once for each widget in a page, then `render` for each view of it.
export default () => {
  let link;
  return {
    initialize({ model }) {
      link = new Link(model);
    },
    render({ model, el }) {
      const view = new View(link, el, model.get("_setup"));
      return () => view.remove();
    },
  };
};
