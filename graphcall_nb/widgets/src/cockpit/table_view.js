// The common part of the tables of calls and notifications: title, filter, grid, and the details of one row.

import { createButton, createElement, setAttribute, setText } from "../common/dom.js";
import { explainDisabled } from "./disabled.js";
import { Grid } from "./grid.js";

const TICK_MS = 1000;

export class TableView {
  // options: { title, css, filterLabel, filters: [{ title, test }], columns, sort, rowHeight, emptyText, describeWaiting }
  constructor(connection, root, setup, options) {
    this.connection = connection;
    this.store = connection.store;
    this.setup = setup;
    this.options = options;
    this.words = [];
    this.filter = options.filters[0];
    this.build(root, options);
    this.onMessage = (changed, message) => {
      if (message) this.onReply(message);
      else this.update(changed);
    };
    connection.listeners.add(this.onMessage);
    this.timer = setInterval(() => this.grid.tick(connection.now()), TICK_MS);
    this.update();
  }

  build(root, options) {
    this.root = createElement("section", `gc gcc ${options.css}`);
    this.root.setAttribute("aria-label", options.title);
    this.root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's shortcuts would take the keys
    this.summary = createElement("span", "gc-summary gcc-summary");
    this.search = createElement("input", "gcc-input gcc-find");
    this.search.type = "search";
    this.search.placeholder = "Filter …";
    this.search.setAttribute("aria-label", options.filterLabel);
    this.search.addEventListener("input", () => this.searchFor(this.search.value));
    const bar = createElement("div", "gc-bar gcc-grid-bar");
    const tools = createElement("div", "gc-tools");
    tools.append(this.createFilters(options), this.search);
    this.grid = new Grid({
      ...options,
      label: options.title,
      height: this.setup.height,
      callbacks: {
        open: (row) => this.toggleDetails(row),
        close: () => this.closeDetails(),
        press: (row, button) => this.onPress(row, button),
      },
    });
    bar.append(createElement("h3", "gc-title", options.title), this.summary, this.grid.pill, tools);
    this.details = createElement("div", "gcc-below");
    this.liveRegion = createElement("div", "gc-hidden");
    this.liveRegion.setAttribute("role", "status");
    this.root.append(bar, this.grid.box, this.details, this.liveRegion);
    explainDisabled(this.root);
    root.append(this.root);
  }

  createFilters({ filters, filterLabel }) {
    const group = createElement("div", "gcc-choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", filterLabel);
    this.filterButtons = filters.map((filter) => {
      const onClick = () => {
        this.filter = filter;
        this.filterAnew();
      };
      return createButton("gcc-choice", filter.title, { onClick });
    });
    group.append(...this.filterButtons);
    return group;
  }

  searchFor(text) {
    this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.grid.scroller.scrollTop = 0;
    this.filterAnew();
  }

  // A filter that the user chose applies at once, also while the pointer rests on a row.
  filterAnew() {
    this.grid.isFilterNew = true;
    this.update();
  }

  clearFilter(text = "") {
    this.filter = this.options.filters[0];
    this.search.value = text;
    this.searchFor(text);
  }

  update() {
    this.frameRequest ??= requestAnimationFrame(() => {
      this.frameRequest = null;
      this.render();
    });
  }

  render() {
    const { connection, store, grid, words } = this;
    const { test } = this.filter;
    const unfiltered = !words.length && !test;
    const matches = (row) => (!test || test(row)) && words.every((word) => row.searchText.includes(word));
    grid.update(store.all, unfiltered ? null : matches, connection.now());
    this.filterButtons.forEach((button, index) => {
      setAttribute(button, "aria-pressed", String(this.options.filters[index] === this.filter));
    });
    setText(grid.empty, store.size ? "No row matches the filter." : this.options.emptyText);
    const status = connection.connected ? (store.live ? "" : " · session closed") : " · not connected";
    setText(this.summary, this.summarize(unfiltered) + status);
    this.root.dataset.rows = grid.rows.length;
  }

  // ---- the details of one row; a subclass defines `showDetails(row)`

  toggleDetails(row) {
    if (this.openKey === row.key) {
      this.closeDetails();
      return;
    }
    this.openKey = row.key;
    this.grid.select(row.key);
    this.showDetails(row);
  }

  closeDetails() {
    if (this.openKey === undefined) return;
    const index = this.grid.order.indexOf(this.openKey);
    const focused = this.root.contains(document.activeElement);
    this.openKey = undefined;
    this.grid.select(null);
    this.details.replaceChildren();
    if (focused && index >= 0) this.grid.focus(index);
  }

  onPress() {}
  onReply() {}

  announce(text) {
    setText(this.liveRegion, text);
  }

  remove() {
    this.connection.listeners.delete(this.onMessage);
    clearInterval(this.timer);
    cancelAnimationFrame(this.frameRequest);
    this.root.remove();
  }
}
