// The sequence diagram: one view puts picture, controls and details together.

import { createButton, createElement, createId, setAttribute, setText } from "../common/dom.js";
import { shortId } from "../common/format.js";
import { createWidget } from "../common/kernel.js";
import { Ladder } from "./ladder.js";
import { MessageDetails } from "./message_details.js";
import { SequenceStore } from "./sequence_store.js";

class SequenceView {
  constructor(connection, root, setup) {
    this.connection = connection;
    this.store = connection.store;
    this.stop = new AbortController();
    this.isTable = false;
    this.build(root, setup);
    this.onMessage = (changed) => this.update(changed);
    this.onControls = () => this.updateControls();
    connection.listeners.add(this.onMessage);
    connection.model.on("change:_controls", this.onControls);
    this.update([]);
  }

  build(root, setup) {
    this.root = createElement("div", "gc gcs");
    this.summary = createElement("span", "gc-summary");
    this.tools = createElement("div", "gc-tools");
    this.buildControls(setup);
    this.tableButton = createButton("", "Table", {
      onClick: () => this.toggleTable(),
      title: "Show the same as a table",
    });
    this.tools.append(this.tableButton);
    const bar = createElement("div", "gc-bar");
    bar.append(createElement("span", "gc-title", setup.title));
    if (setup.simulated) bar.append(createElement("span", "gc-badge gc-simulated", "SIMULATED"));
    bar.append(this.summary, this.createCallFilter(), this.tools);
    this.note = createElement("p", "gcs-note");
    this.note.setAttribute("role", "status");
    this.ladder = new Ladder(setup.lanes, (key) => this.select(key), this.stop.signal);
    this.details = new MessageDetails();
    const main = createElement("div", "gcs-main");
    main.append(this.ladder.box, this.details.box);
    this.spoken = createElement("div", "gc-hidden");
    this.spoken.setAttribute("aria-live", "polite");
    this.root.append(bar, main, this.note, this.spoken);
    root.append(this.root);
  }

  buildControls({ canStep, canGoBack }) {
    const add = (text, kind, title) => {
      const button = createButton("", text, { title, onClick: () => this.request(button, kind) });
      this.tools.append(button);
      return button;
    };
    if (canGoBack) {
      this.startOver = add("Start over", "start_over", "Take all messages back");
      this.back = add("Back", "back", "Take the last message back");
    }
    if (!canStep) return;
    this.play = add("Play", "play", "Let one message go after the other");
    this.step = add("Step", "step", "Let one message go");
    this.step.classList.add("gc-primary");
  }

  createCallFilter() {
    const label = createElement("label", "gcs-filter");
    this.filter = createElement("select", "gcs-select");
    this.filter.id = createId("sequence-call");
    this.filter.dataset.lmSuppressShortcuts = "true";
    this.filter.addEventListener("change", () => this.update([]), { signal: this.stop.signal });
    label.append("Call ", this.filter);
    label.hidden = true;
    this.filterLabel = label;
    return label;
  }

  request(button, kind) {
    if (button.getAttribute("aria-disabled") === "true") return;
    const isPlaying = this.connection.model.get("_controls").playing;
    this.connection.send({ kind: kind === "play" && isPlaying ? "pause" : kind });
  }

  update(changed) {
    this.updateFilter();
    const rows = this.store.rows(this.filter.value);
    const { newest } = this.store;
    if (this.selected !== undefined && !this.store.get(this.selected)) this.select(undefined);
    const status = this.connection.connected ? (this.store.live ? "" : " · session closed") : " · not connected";
    const dropped = this.store.dropped ? ` (${this.store.dropped} more are omitted)` : "";
    setText(this.summary, `${this.store.describe()}${dropped}${status}`);
    this.ladder.update(rows, rows.includes(newest) ? newest : undefined, this.selected, `${this.store.describe()}.`);
    if (changed.length) setText(this.spoken, changed.map((message) => this.ladder.describe(message)).join(". "));
    this.updateControls();
  }

  updateFilter() {
    const { calls } = this.store;
    this.filterLabel.hidden = calls.length < 2;
    if (this.filter.options.length === calls.length + 1) return;
    const chosen = this.filter.value;
    this.filter.replaceChildren(new Option("all", ""), ...calls.map((id) => new Option(shortId(id), id)));
    this.filter.value = calls.includes(chosen) ? chosen : "";
  }

  updateControls() {
    const { playing, canStep, canGoBack, note } = this.connection.model.get("_controls");
    const isOpen = this.connection.isOpen;
    const setEnabled = (button, enabled) => {
      if (button) setAttribute(button, "aria-disabled", String(!enabled));
    };
    setEnabled(this.startOver, isOpen && canGoBack);
    setEnabled(this.back, isOpen && canGoBack);
    setEnabled(this.play, isOpen);
    setEnabled(this.step, isOpen && canStep);
    if (this.play) setText(this.play, playing ? "Pause" : "Play");
    setText(this.note, note ?? "");
    this.root.dataset.playing = String(playing);
  }

  select(key) {
    this.selected = key;
    this.ladder.select(key);
    const message = this.store.get(key);
    this.details.show(message, message && this.ladder.describe(message), this.store.base);
  }

  toggleTable() {
    this.isTable = !this.isTable;
    this.ladder.showTable(this.isTable);
    setAttribute(this.tableButton, "aria-pressed", String(this.isTable));
  }

  remove() {
    this.stop.abort();
    this.connection.listeners.delete(this.onMessage);
    this.connection.model.off("change:_controls", this.onControls);
    this.root.remove();
  }
}

export default createWidget((state) => new SequenceStore(state), SequenceView);
