// The bar above the picture: title, buttons, and the legend whose items show and hide a state.

// A tip explains a word; in place of a word, for a sign, it is the name too. Whoever speaks commands says what stands there.
function button(css, text, tip, act) {
  const made = make("button", `gct-button ${css}`, text);
  made.type = "button";
  made.dataset.lmSuppressShortcuts = "true"; // JupyterLab's shortcuts of one letter are not meant for a button
  if (tip) made.title = tip;
  if (tip && text.length === 1) made.setAttribute("aria-label", tip);
  made.addEventListener("click", act);
  return made;
}

class Controls {
  // acts: { zoom(factor), fit(), follow(), dense(), table(), toggle(state), only(state) }
  constructor(setup, acts) {
    this.acts = acts;
    this.bar = make("div", "gct-bar");
    this.summary = make("span", "gct-summary");
    this.follow = button("gct-follow", "Follow now", "", acts.follow);
    this.dense = button("gct-dense", "Dense", "Thin rows, so that more calls are seen at once", acts.dense);
    this.table = button("gct-table-button", "Table", "Show the same as a table", acts.table);
    const tools = make("div", "gct-tools");
    tools.append(
      button("gct-zoom", "−", "Zoom out", () => acts.zoom(1.5)),
      button("gct-zoom", "+", "Zoom in", () => acts.zoom(1 / 1.5)),
      button("gct-fit", "Fit", "Show all calls from the first to now", acts.fit),
      this.follow,
      this.dense,
      this.table,
    );
    this.bar.append(make("span", "gct-title", setup.title || "Timeline"));
    if (setup.simulated) this.bar.append(make("span", "gct-badge", "SIMULATED"));
    this.bar.append(this.summary, tools);
    this.legend = make("div", "gct-legend");
    this.legend.setAttribute("role", "group");
    this.legend.setAttribute("aria-label", "States shown");
    this.keys = new Map();
  }

  update({ store, hidden, following, dense, tableShown, connected }) {
    const { counts, open } = store.facts;
    const state = connected ? (store.live ? "" : " · session closed") : " · not connected";
    const size = store.size;
    setText(this.summary, `${grouped(size)} ${size === 1 ? "call" : "calls"}, ${grouped(open)} live${state}`);
    setAttribute(this.follow, "aria-pressed", String(following));
    setAttribute(this.dense, "aria-pressed", String(dense));
    setAttribute(this.table, "aria-pressed", String(tableShown));
    store.states.forEach((one, index) => {
      if (store.facts.seen[index] || hidden.has(index) || this.keys.has(index)) this.key(one, index, counts[index], !hidden.has(index));
    });
    this.legend.hidden = !this.keys.size;
  }

  key(state, index, count, shown) {
    let key = this.keys.get(index);
    if (!key) {
      const item = button("gct-key", undefined, "", (event) =>
        event.shiftKey || event.altKey ? this.acts.only(index) : this.acts.toggle(index),
      );
      item.title = `Show or hide ${state.name}; with Shift: only ${state.name}`;
      key = { item, count: make("span", "gct-count") };
      item.append(swatch("gct", state.color), make("span", "gct-name", state.name), key.count);
      item.dataset.state = state.name;
      this.keys.set(index, key);
      this.place(index, item);
    }
    setText(key.count, grouped(count));
    setAttribute(key.item, "aria-pressed", String(shown));
  }

  // Legend items stand in life-cycle order, whichever state was seen first.
  place(index, item) {
    const later = [...this.keys].filter(([other]) => other > index).sort(([one], [other]) => one - other);
    this.legend.insertBefore(item, later.length ? later[0][1].item : null);
  }
}
