// The timeline widget: one view puts its parts together and carries out their requests.

import { createElement, setAttribute } from "../common/dom.js";
import { createWidget } from "../common/kernel.js";
import { announceViews } from "../common/views.js";
import { AccessibleTable } from "./accessible_table.js";
import { CallTooltip, describeSpot } from "./call_tooltip.js";
import { Controls } from "./controls.js";
import { Environment } from "./environment.js";
import { attachKeyboard } from "./keyboard.js";
import { spotAt, spotOfRow, timeAt } from "./layout.js";
import { Painter } from "./painter.js";
import { Plot, writeDebugDataset } from "./plot.js";
import { PointerControl } from "./pointer.js";
import { RenderLoop } from "./render_loop.js";
import { Selection } from "./selection.js";
import { TimeWindow } from "./time_window.js";
import { TimelineStore } from "./timeline_store.js";

const DEFAULT_HEIGHT_PX = 360;
const FOCUS_DELAY_MS = 50; // JupyterLab first moves the focus to the cell that was clicked

class TimelineView {
  constructor(connection, root, setup) {
    this.connection = connection;
    this.store = connection.store;
    this.time = new TimeWindow();
    this.selection = new Selection();
    this.hidden = new Set();
    this.dense = false;
    this.tableShown = false;
    this.stop = new AbortController();
    this.build(root, setup);
    this.watch();
    this.onChanges([]);
    this.repaint();
    this.updateTable(); // a picture must never be without its text
  }

  build(root, setup) {
    this.root = createElement("div", "gc gct");
    this.controls = new Controls(setup, {
      zoom: (factor) => this.zoom(factor),
      fit: () => this.fit(),
      toggleFollow: () => this.setFollow(!this.time.follow),
      toggleDense: () => this.toggleDense(),
      toggleTable: () => this.toggleTable(),
      toggleState: (state) => this.toggleState(state),
      showOnly: (state) => this.showOnly(state),
    });
    this.plot = new Plot(setup.height || DEFAULT_HEIGHT_PX, setup.is_height_fixed, {
      onScroll: () => this.repaint(),
    });
    this.tooltip = new CallTooltip(this.plot.box, "gct-tip");
    this.pointer = new PointerControl(this.plot, this, this.stop.signal);
    const help = attachKeyboard(this.plot, this, this.stop.signal);
    this.table = new AccessibleTable();
    const { bar, legend } = this.controls;
    this.root.append(bar, legend, this.plot.box, help, this.table.box, this.table.liveRegion);
    root.append(this.root);
    this.painter = new Painter(this.plot.canvas.getContext("2d"));
  }

  watch() {
    this.environment = new Environment(this.root, this.plot.scroller, {
      onResize: () => this.remeasure(),
      onChange: () => this.repaint(),
    });
    this.loop = new RenderLoop(this, {
      move: (now, smoothly) => this.move(now, smoothly),
      paint: (now) => this.paint(now),
    });
    this.onMessage = (changed) => {
      this.onChanges(changed);
      this.loop.paintNow();
    };
    this.connection.listeners.add(this.onMessage);
    const { signal } = this.stop;
    document.addEventListener("graphcall-nb:show-call", (event) => this.showCall(event), { signal });
  }

  // ---- changes

  onChanges(changed) {
    this.rows = this.store.rows(this.hidden);
    if (this.wasOpen !== this.connection.isOpen) announceViews();
    this.wasOpen = this.connection.isOpen;
    this.table.announceChanges(this.store, changed);
    this.table.scheduleUpdate(() => this.updateTable());
    this.measure();
  }

  updateTable() {
    const { canvas } = this.plot;
    this.table.update(this.store, this.rows);
    setAttribute(canvas, "aria-label", this.store.describe());
    canvas.dataset.twin = this.store.n;
  }

  // A link to a call was followed, for example in a form on this page.
  showCall(event) {
    if (this.root.closest(".gcc-cockpit")) return; // the table of calls shows it
    const call = this.store.findById(event.detail.call);
    if (call || this.connection.isOpen) event.detail.views += 1;
    if (!call || event.detail.isQuestion) return;
    event.preventDefault();
    this.hidden.clear();
    this.applyFilter();
    this.root.scrollIntoView({ block: "nearest" });
    setTimeout(() => {
      this.plot.canvas.focus({ preventScroll: true });
      this.selection.select(call.key);
      this.select(0);
    }, FOCUS_DELAY_MS);
  }

  // ---- painting

  measure() {
    this.plot.measure({
      width: this.environment.width,
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
    this.loop.invalidate();
  }

  move(now, smoothly) {
    const { totals } = this.store;
    return this.time.update(totals, now, this.rows[this.plot.topRow]?.starts[0] ?? totals.first, smoothly);
  }

  paint(now) {
    this.plot.resizeCanvas(this.painter.context);
    this.painter.paint(this.scene(now));
    this.controls.update({
      store: this.store,
      hidden: this.hidden,
      following: this.time.follow,
      dense: this.dense,
      tableShown: this.tableShown,
      connected: this.connection.connected,
    });
    const { spot } = this.selection;
    if (spot && this.store.get(spot.key) && !this.pointer.drag) this.tooltip.showSpot(this.store, spot, now);
    else this.tooltip.hide();
    writeDebugDataset(this.plot.canvas, this, this.loop.frames);
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
      theme: this.environment.theme,
      selected: this.selection.key,
      hovered: this.selection.spot,
    };
  }

  // ---- selection

  hover(x, y) {
    if (this.selection.hover(spotAt(this.scene(), x, y))) this.repaint();
  }

  leave() {
    if (this.selection.hover(undefined)) this.repaint();
  }

  selectAt(x, y) {
    this.selection.select(spotAt(this.scene(), x, y)?.key);
    this.repaint();
  }

  select(step) {
    const index = this.selection.indexAfter(this.rows, step);
    if (index < 0) return;
    this.plot.reveal(index);
    const spot = spotOfRow(this.scene(), index);
    this.selection.select(spot.key);
    this.selection.hover(spot);
    this.table.announce(describeSpot(this.store, spot, this.connection.now()).join(", "));
    this.repaint();
  }

  clearSelection() {
    this.selection.clear();
    this.repaint();
  }

  // ---- time

  timeAt(x) {
    return timeAt(this.scene(), x);
  }

  zoom(factor, center = (this.time.from + this.time.to) / 2) {
    this.time.zoom(factor, center);
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

  // ---- display options

  toggleDense() {
    this.dense = !this.dense;
    this.remeasure();
  }

  toggleTable() {
    this.tableShown = !this.tableShown;
    this.table.setVisible(this.tableShown);
    this.repaint();
  }

  toggleState(state) {
    if (!this.hidden.delete(state)) this.hidden.add(state);
    this.applyFilter();
  }

  showOnly(state) {
    const others = this.store.states.map((_, i) => i).filter((i) => i !== state && this.store.totals.seen[i]);
    const alreadyAlone = others.every((i) => this.hidden.has(i)) && !this.hidden.has(state);
    this.hidden = new Set(alreadyAlone ? [] : others);
    this.applyFilter();
  }

  applyFilter() {
    this.onChanges([]);
    this.repaint();
  }

  remove() {
    this.stop.abort();
    this.connection.listeners.delete(this.onMessage);
    this.environment.disconnect();
    this.loop.stop();
    this.table.stop();
    this.root.remove();
    announceViews();
  }
}

export default createWidget((state) => new TimelineStore(state), TimelineView);
