// One view: puts its parts together, and does what they ask for.

class View {
  constructor(link, root, setup) {
    this.link = link;
    this.store = link.store;
    this.time = new TimeWindow();
    this.choice = new Choice();
    this.hidden = new Set();
    this.dense = false;
    this.tableShown = false;
    this.stop = new AbortController();
    this.build(root, setup);
    this.watch();
    this.changed([]);
    this.frames.again();
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
    this.plot = new Plot(setup.height || 360, { scrolled: () => this.repaint() });
    this.tooltip = new Tooltip();
    this.plot.box.append(this.tooltip.box);
    this.gestures = new Gestures(this.plot, this, this.stop.signal);
    const { help } = new Keyboard(this.plot, this, this.stop.signal);
    this.twin = new Twin();
    this.root.append(this.controls.bar, this.controls.legend, this.plot.box, help, this.twin.box, this.twin.spoken);
    root.append(this.root);
    this.painter = new Painter(this.plot.canvas.getContext("2d"));
    this.report = new Report(this.plot.canvas);
  }

  watch() {
    this.surroundings = new Surroundings(this.root, this.plot.scroller, {
      resized: () => this.remeasure(),
      changed: () => this.repaint(),
    });
    this.frames = new Frames(this, {
      move: (now, smoothly) => this.move(now, smoothly),
      paint: (now) => this.paint(now),
    });
    this.hearing = (changed) => this.heard(changed);
    this.link.listeners.add(this.hearing);
    document.addEventListener("graphcall-nb:show-call", (event) => this.showCall(event), { signal: this.stop.signal });
  }

  // ---- news

  heard(changed) {
    this.changed(changed);
    this.frames.atOnce();
  }

  changed(changed) {
    this.rows = this.store.rows(this.hidden);
    this.twin.hear(this.store, changed);
    this.twin.soon(() => this.tellTwin());
    this.measure();
  }

  tellTwin() {
    const { canvas } = this.plot;
    this.twin.update(this.store, this.rows);
    setAttribute(canvas, "aria-label", this.store.sentence());
    canvas.dataset.twin = this.store.n;
  }

  // Somebody else on the page, such as a form, has a link to a call.
  showCall(event) {
    event.detail.views += 1;
    const call = this.store.find(event.detail.call);
    if (!call || this.root.closest(".gc-cockpit")) return; // there the table of calls shows it
    event.preventDefault();
    this.hidden.clear();
    this.refilter();
    this.root.scrollIntoView({ block: "nearest" });
    // A moment later: JupyterLab gives the focus to the cell that was clicked into.
    setTimeout(() => {
      this.plot.canvas.focus({ preventScroll: true });
      this.choice.choose(call.key);
      this.select(0);
    }, 50);
  }

  // ---- painting

  measure() {
    this.plot.measure({
      width: this.surroundings.width,
      rows: this.rows.length,
      calls: this.store.size,
      dense: this.dense,
      following: this.time.follow,
    });
  }

  remeasure() {
    this.measure();
    this.repaint();
  }

  repaint() {
    this.frames.again();
  }

  move(now, smoothly) {
    const { facts } = this.store;
    return this.time.update(facts, now, this.rows[this.plot.topRow]?.starts[0] ?? facts.first, smoothly);
  }

  paint(now) {
    this.plot.sharpen(this.painter.context);
    this.painter.paint(this.scene(now));
    this.controls.update({
      store: this.store,
      hidden: this.hidden,
      following: this.time.follow,
      dense: this.dense,
      tableShown: this.tableShown,
      connected: this.link.connected,
    });
    const { spot } = this.choice;
    if (spot && this.store.get(spot.key) && !this.gestures.dragging) {
      this.tooltip.show(this.store, spot, now, this.plot.layout);
    } else this.tooltip.hide();
    this.report.tell(this, this.frames.count);
  }

  scene(now) {
    return {
      store: this.store,
      rows: this.rows,
      hidden: this.hidden,
      time: this.time,
      now,
      scroll: this.plot.scroll,
      layout: this.plot.layout,
      theme: this.surroundings.theme,
      selected: this.choice.key,
      hovered: this.choice.spot,
    };
  }

  // ---- which call

  point(x, y) {
    if (this.choice.point(spotAt(this.scene(), x, y))) this.repaint();
  }

  leave() {
    if (this.choice.point(undefined)) this.repaint();
  }

  choose(x, y) {
    this.choice.choose(spotAt(this.scene(), x, y)?.key);
    this.repaint();
  }

  select(step) {
    const index = this.choice.after(this.rows, step);
    if (index < 0) return;
    this.plot.reveal(index);
    const spot = spotOfRow(this.scene(), index);
    this.choice.choose(spot.key);
    this.choice.point(spot);
    this.twin.say(tipLines(this.store, spot, this.link.now()).join(", "));
    this.repaint();
  }

  letGo() {
    this.choice.letGo();
    this.repaint();
  }

  // ---- which time

  timeAt(x) {
    return timeAt(this.scene(), x);
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
    if (follow) this.plot.atBottom = true;
    this.remeasure();
  }

  // ---- which part, and how

  toggleDense() {
    this.dense = !this.dense;
    this.remeasure();
  }

  toggleTable() {
    this.tableShown = !this.tableShown;
    this.twin.shown = this.tableShown;
    this.repaint();
  }

  filter(state) {
    if (!this.hidden.delete(state)) this.hidden.add(state);
    this.refilter();
  }

  filterOnly(state) {
    const others = this.store.states.map((_, i) => i).filter((i) => i !== state && this.store.facts.seen[i]);
    const already = others.every((i) => this.hidden.has(i)) && !this.hidden.has(state);
    this.hidden = new Set(already ? [] : others);
    this.refilter();
  }

  refilter() {
    this.changed([]);
    this.repaint();
  }

  remove() {
    this.stop.abort();
    this.link.listeners.delete(this.hearing);
    this.surroundings.leave();
    this.frames.stop();
    this.twin.stop();
    this.root.remove();
  }
}

export default widgetOf((state) => new Store(state), View);
