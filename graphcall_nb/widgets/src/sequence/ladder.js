// The picture: a list of messages, each an arrow between two lanes, and the same as a table.

import { createElement, createId, createSwatch, setAttribute } from "../common/dom.js";
import { formatDuration, HOUR, MINUTE, SECOND } from "../common/format.js";

const LONG_PAUSE_MS = 10 * SECOND;
const COLUMNS = ["Time", "From", "To", "Message", "Remark"];
const AT_BOTTOM_PX = 24;

export function formatElapsed(ms) {
  if (ms < MINUTE) return `+${(ms / SECOND).toFixed(3)} s`;
  const minutes = String(Math.floor((ms % HOUR) / MINUTE));
  const seconds = ((ms % MINUTE) / SECOND).toFixed(3).padStart(6, "0");
  return ms < HOUR ? `+${minutes}:${seconds}` : `+${Math.floor(ms / HOUR)}:${minutes.padStart(2, "0")}:${seconds}`;
}

export class Ladder {
  // onSelect(key) is called with the message chosen; signal ends all listeners
  constructor(lanes, onSelect, signal) {
    this.lanes = lanes;
    this.onSelect = onSelect;
    this.id = createId("sequence");
    this.elements = new Map();
    this.box = createElement("div", "gcs-ladder");
    const head = createElement("div", "gcs-row gcs-head");
    const track = createElement("div", "gcs-track");
    track.append(...lanes.map((name, lane) => createElement("span", `gcs-lane gcs-lane-${lane}`, name)));
    head.append(createElement("span", "gcs-time"), track);
    head.setAttribute("aria-hidden", "true");
    this.list = createElement("div", "gcs-list");
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.dataset.lmSuppressShortcuts = "true";
    this.list.addEventListener("keydown", (event) => this.onKey(event), { signal });
    this.list.addEventListener("click", (event) => this.onClick(event), { signal });
    this.empty = createElement("p", "gcs-empty", "No messages yet.");
    this.empty.setAttribute("aria-hidden", "true");
    this.table = createElement("table", "gcs-table");
    this.scroller = createElement("div", "gcs-scroll");
    this.scroller.append(head, this.list, this.empty);
    this.twin = createElement("div", "gcs-twin");
    this.twin.setAttribute("role", "region");
    this.twin.setAttribute("aria-label", "Messages as a table");
    this.twin.tabIndex = 0;
    this.twin.hidden = true;
    this.twin.append(this.table);
    this.box.append(this.scroller, this.twin);
  }

  showTable(shown) {
    this.scroller.hidden = shown;
    this.twin.hidden = !shown;
  }

  update(rows, newest, selected, description) {
    this.rows = rows;
    const isAtBottom = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < AT_BOTTOM_PX;
    setAttribute(this.list, "aria-label", description);
    this.empty.hidden = rows.length > 0;
    const before = this.elements;
    this.elements = new Map(rows.map((row) => [row.key, before.get(row.key) ?? this.createRow(row)]));
    this.list.replaceChildren(...this.elements.values());
    for (const [i, row] of rows.entries()) this.updateRow(row, i, row === newest, row.key === selected);
    this.table.replaceChildren(...this.createTable(rows, description));
    const isAdded = newest && !before.has(newest.key);
    if (isAdded) this.reveal(newest.key);
    else if (isAtBottom) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  createRow(message) {
    const option = createElement("div", "gcs-message");
    option.setAttribute("role", "option");
    option.id = `${this.id}-${message.key}`;
    option.dataset.key = message.key;
    const pause = createElement("div", "gcs-pause");
    const row = createElement("div", "gcs-row");
    const track = createElement("div", "gcs-track");
    const lanes = [message.sender, message.receiver].sort();
    const direction = message.receiver > message.sender ? "right" : "left";
    const arrow = createElement("div", `gcs-arrow gcs-between-${lanes.join("")} gcs-${direction} gcs-${message.kind}`);
    if (message.color) arrow.style.setProperty("--gc-state", message.color);
    const text = createElement("div", "gcs-text");
    if (message.state && !message.isSignal) text.append(createSwatch(message.color));
    text.append(createElement("span", "gcs-words", message.text));
    text.title = message.text;
    arrow.append(text, createElement("div", "gcs-line"));
    if (message.remark) arrow.append(createElement("div", "gcs-remark", message.remark));
    track.append(arrow);
    row.append(createElement("span", "gcs-time"), track);
    option.append(pause, row);
    return option;
  }

  updateRow(message, index, isNewest, isSelected) {
    const option = this.elements.get(message.key);
    const elapsed = message.at - this.rows[0].at;
    const pause = index ? message.at - this.rows[index - 1].at : 0;
    option.querySelector(".gcs-pause").textContent = pause >= LONG_PAUSE_MS ? `${formatDuration(pause)} later` : "";
    option.querySelector(".gcs-time").textContent = formatElapsed(elapsed);
    option.classList.toggle("gcs-newest", isNewest);
    setAttribute(option, "aria-selected", String(isSelected));
    setAttribute(option, "aria-label", `${formatElapsed(elapsed)}, ${this.describe(message)}`);
    if (isSelected) setAttribute(this.list, "aria-activedescendant", option.id);
  }

  describe(message) {
    const remark = message.remark ? ` (${message.remark})` : "";
    return `${this.lanes[message.sender]} → ${this.lanes[message.receiver]}: ${message.text}${remark}`;
  }

  createTable(rows, description) {
    const head = createElement("thead");
    const headRow = createElement("tr");
    for (const name of COLUMNS) {
      const cell = createElement("th", "", name);
      cell.scope = "col";
      headRow.append(cell);
    }
    head.append(headRow);
    const body = createElement("tbody");
    for (const row of rows) {
      const line = createElement("tr");
      const texts = [formatElapsed(row.at - rows[0].at), this.lanes[row.sender], this.lanes[row.receiver], row.text];
      line.append(...[...texts, row.remark].map((text) => createElement("td", "", text)));
      body.append(line);
    }
    return [createElement("caption", "", description), head, body];
  }

  reveal(key) {
    const option = this.elements.get(key);
    if (!option) return;
    const top = option.offsetTop - this.list.offsetTop;
    const visible = this.scroller.clientHeight - this.list.offsetTop;
    const { scrollTop } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + option.offsetHeight > scrollTop + visible)
      this.scroller.scrollTop = top + option.offsetHeight - visible;
  }

  onClick({ target }) {
    const option = target.closest("[role=option]");
    if (option) this.onSelect(Number(option.dataset.key));
  }

  onKey(event) {
    const keys = [...this.elements.keys()];
    const at = keys.indexOf(this.selected);
    const targets = {
      ArrowDown: Math.min(at + 1, keys.length - 1),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: keys.length - 1,
    };
    if (event.key === "Escape") this.onSelect(undefined);
    else if (event.key in targets && keys.length && !event.ctrlKey && !event.metaKey && !event.altKey)
      this.onSelect(keys[targets[event.key]]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  select(key) {
    this.selected = key;
    for (const [own, option] of this.elements) setAttribute(option, "aria-selected", String(own === key));
    setAttribute(this.list, "aria-activedescendant", this.elements.get(key)?.id ?? null);
    this.reveal(key);
  }
}
