// What calls and log have in common: a card with a title, a filter, a grid, and below it one row in full.

class Sheet {
  // parts: { title, find, choices, columns, order, empty, many, css }
  constructor(link, root, setup, parts) {
    this.link = link;
    this.store = link.store;
    this.setup = setup;
    this.parts = parts;
    this.words = [];
    this.choice = parts.choices[0];
    this.build(root, parts);
    this.hearing = (changed, message) => this.hear(changed, message);
    link.listeners.add(this.hearing);
    this.clock = setInterval(() => this.grid.tick(link.now()), 1000);
    this.changed();
  }

  build(root, parts) {
    this.root = make("section", `gcc ${parts.css}`);
    this.root.setAttribute("aria-label", parts.title);
    // JupyterLab's own shortcuts would take the keys.
    this.root.dataset.lmSuppressShortcuts = "true";
    this.summary = make("span", "gcc-summary");
    this.find = make("input", "gcc-input gcc-find");
    this.find.type = "search";
    this.find.placeholder = "Filter …";
    this.find.setAttribute("aria-label", parts.find);
    this.find.addEventListener("input", () => this.search(this.find.value));
    const bar = make("div", "gcc-bar");
    const tools = make("div", "gcc-tools");
    tools.append(this.chooser(parts), this.find);
    bar.append(make("h3", "gcc-title", parts.title), this.summary, tools);
    this.grid = new Grid({
      ...parts,
      label: parts.title,
      height: this.setup.height,
      acts: {
        open: (row) => this.open(row),
        escape: () => this.close(),
        pressed: (row, pressed) => this.pressed(row, pressed),
      },
    });
    this.below = make("div", "gcc-below");
    this.spoken = make("div", "gcc-hidden");
    this.spoken.setAttribute("role", "status");
    this.root.append(bar, this.grid.box, this.below, this.spoken);
    this.tip = new Tip(this.root);
    root.append(this.root);
  }

  chooser({ choices, find }) {
    const group = make("div", "gcc-choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", find);
    this.choosers = choices.map((choice) => {
      const made = button("gcc-choice", choice.title, () => {
        this.choice = choice;
        this.changed();
      });
      group.append(made);
      return made;
    });
    return group;
  }

  search(text) {
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.grid.scroller.scrollTop = 0;
    this.changed();
  }

  // ---- news

  hear(changed, message) {
    if (message) this.told(message);
    else this.changed(changed);
  }

  changed() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  paint() {
    const { link, store, grid, words, choice } = this;
    const free = !words.length && !choice.test;
    const fits = free ? null : (row) => (!choice.test || choice.test(row)) && words.every((word) => row.text.includes(word));
    grid.update(store.all, fits, link.now());
    this.choosers.forEach((made, at) => setAttribute(made, "aria-pressed", String(this.parts.choices[at] === choice)));
    setText(grid.empty, store.size ? "Nothing here fits the filter." : this.parts.empty);
    setText(this.summary, this.sentence(free) + (link.connected ? (store.live ? "" : " · session closed") : " · not connected"));
    this.root.dataset.rows = grid.shown.length;
    this.painted();
  }

  // ---- one row in full

  open(row) {
    if (this.chosen === row.key) {
      this.close();
      return;
    }
    this.chosen = row.key;
    this.grid.choose(row.key);
    this.opened(row);
  }

  close() {
    if (this.chosen === undefined) return;
    const at = this.grid.shown.findIndex((row) => row.key === this.chosen);
    const inside = this.root.contains(document.activeElement);
    this.chosen = undefined;
    this.grid.choose(null);
    this.below.replaceChildren();
    this.closed();
    if (inside && at >= 0) this.grid.focus(at);
  }

  pressed() {}
  told() {}
  closed() {}

  say(text) {
    setText(this.spoken, text);
  }

  remove() {
    this.link.listeners.delete(this.hearing);
    clearInterval(this.clock);
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }
}
