// The bar above the picture: title, buttons, and a legend whose items show and hide a state.

import { createButton, createElement, createSwatch, setAttribute, setText } from "../common/dom.js";
import { formatCount, pluralize } from "../common/format.js";

const ZOOM_STEP = 1.5;

export class Controls {
  // actions: { zoom(factor), fit(), toggleFollow(), toggleDense(), toggleTable(), toggleState(state), showOnly(state) }
  constructor(setup, actions) {
    this.actions = actions;
    this.summary = createElement("span", "gc-summary gct-summary");
    this.follow = createButton("gct-follow", "Follow now", { onClick: actions.toggleFollow });
    this.dense = createButton("gct-dense", "Dense", {
      onClick: actions.toggleDense,
      title: "Thin rows, so that more calls are visible at once",
    });
    this.table = createButton("gct-table-button", "Table", {
      onClick: actions.toggleTable,
      title: "Show the same as a table",
    });
    const zoomButton = (sign, label, factor) =>
      createButton("gct-zoom", sign, { onClick: () => actions.zoom(factor), label, title: label });
    const tools = createElement("div", "gc-tools");
    tools.append(
      zoomButton("−", "Zoom out", ZOOM_STEP),
      zoomButton("+", "Zoom in", 1 / ZOOM_STEP),
      createButton("gct-fit", "Fit", { onClick: actions.fit, title: "Show all calls from the first to now" }),
      this.follow,
      this.dense,
      this.table,
    );
    this.bar = createElement("div", "gc-bar");
    this.bar.append(createElement("span", "gc-title", setup.title || "Timeline"));
    if (setup.simulated) this.bar.append(createElement("span", "gc-badge gc-simulated", "SIMULATED"));
    this.bar.append(this.summary, tools);
    this.legend = createElement("div", "gct-legend");
    this.legend.setAttribute("role", "group");
    this.legend.setAttribute("aria-label", "States shown");
    this.legendItems = new Map();
  }

  update({ store, hidden, following, dense, tableShown, connected }) {
    const { counts, seen, live } = store.totals;
    const status = connected ? (store.live ? "" : " · session closed") : " · not connected";
    setText(this.summary, `${pluralize(store.size, "call")}, ${formatCount(live)} live${status}`);
    setAttribute(this.follow, "aria-pressed", String(following));
    setAttribute(this.dense, "aria-pressed", String(dense));
    setAttribute(this.table, "aria-pressed", String(tableShown));
    store.states.forEach((state, index) => {
      if (!seen[index] && !hidden.has(index) && !this.legendItems.has(index)) return;
      this.updateLegendItem(state, index, counts[index], !hidden.has(index));
    });
  }

  updateLegendItem(state, index, count, visible) {
    const { item, count: countElement } = this.legendItems.get(index) ?? this.addLegendItem(state, index);
    setText(countElement, formatCount(count));
    setAttribute(item, "aria-pressed", String(visible));
  }

  addLegendItem(state, index) {
    const item = createButton("gct-key", undefined, {
      onClick: (event) =>
        event.shiftKey || event.altKey ? this.actions.showOnly(index) : this.actions.toggleState(index),
      title: `Show or hide ${state.name}; with Shift: only ${state.name}`,
    });
    const count = createElement("span", "gct-count");
    item.append(createSwatch(state.color), createElement("span", "gct-name", state.name), count);
    item.dataset.state = state.name;
    // In life-cycle order, independent of which state was seen first.
    const later = [...this.legendItems.keys()].filter((other) => other > index).sort((a, b) => a - b)[0];
    this.legend.insertBefore(item, this.legendItems.get(later)?.item ?? null);
    const created = { item, count };
    this.legendItems.set(index, created);
    return created;
  }
}
