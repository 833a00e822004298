// The picture as text: a table of calls for screen readers, which a button shows to everyone, and a live region.

import { createElement, setText } from "../common/dom.js";
import { formatClockExact } from "../common/format.js";

const UPDATE_DELAY_MS = 250;
const FIRST_ANNOUNCEMENT_MS = 1000;
const ANNOUNCEMENT_INTERVAL_MS = 3000;
const COLUMNS = ["Call", "State now", "Since", "So far", "Result"];

export class AccessibleTable {
  constructor() {
    this.box = createElement("div", "gct-twin gc-hidden");
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", "Calls as a table");
    this.caption = createElement("caption");
    const head = createElement("thead");
    const headRow = createElement("tr");
    headRow.append(...COLUMNS.map((name) => createHeader("col", name)));
    head.append(headRow);
    this.body = createElement("tbody");
    const table = createElement("table", "gct-table");
    table.append(this.caption, head, this.body);
    this.box.append(table);
    this.rows = new Map();
    this.liveRegion = createElement("div", "gc-hidden gct-spoken");
    this.liveRegion.setAttribute("aria-live", "polite");
    this.liveRegion.setAttribute("role", "status");
    this.unannounced = new Map();
  }

  setVisible(visible) {
    this.box.classList.toggle("gc-hidden", !visible);
    if (visible) this.box.tabIndex = 0;
    else this.box.removeAttribute("tabindex");
  }

  update(store, calls) {
    setText(this.caption, store.describe());
    const keys = new Set(calls.map((call) => call.key));
    for (const [key, { element }] of this.rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.rows.delete(key);
    }
    let previous = null;
    for (const call of calls) previous = this.updateRow(store, call, previous);
  }

  updateRow(store, call, previous) {
    const row = this.rows.get(call.key) ?? this.addRow(call, previous);
    const content = `${call.name}|${call.result}|${call.states.length}`;
    if (row.content !== content) {
      row.content = content;
      const names = call.states.map((state) => store.states[state].name);
      const since = formatClockExact(call.starts[call.starts.length - 1] + store.base);
      [call.name, names[names.length - 1], since, names.join(" → "), call.result].forEach((text, i) => {
        setText(row.cells[i], text);
      });
    }
    return row.element;
  }

  addRow(call, previous) {
    const element = createElement("tr");
    element.dataset.call = call.id;
    const cells = [createHeader("row"), ...COLUMNS.slice(1).map(() => createElement("td"))];
    cells[0].title = call.id;
    element.append(...cells);
    this.body.insertBefore(element, previous ? previous.nextSibling : this.body.firstChild);
    const row = { element, cells };
    this.rows.set(call.key, row);
    return row;
  }

  // Calls `update` once for all changes of a short time.
  scheduleUpdate(update) {
    this.updateTimer ??= setTimeout(() => {
      this.updateTimer = null;
      update();
    }, UPDATE_DELAY_MS);
  }

  announceChanges(store, changed) {
    for (const call of changed) this.unannounced.set(call.key, call);
    if (this.unannounced.size) {
      this.announceTimer ??= setTimeout(() => this.announcePending(store), FIRST_ANNOUNCEMENT_MS);
    }
  }

  // One sentence for all changes of a while: announcements must not interrupt each other.
  announcePending(store) {
    this.announce(summarizeChanges(store, [...this.unannounced.values()]));
    this.unannounced.clear();
    this.announceTimer = setTimeout(() => {
      this.announceTimer = null;
      if (this.unannounced.size) this.announcePending(store);
    }, ANNOUNCEMENT_INTERVAL_MS);
  }

  announce(text) {
    setText(this.liveRegion, text);
  }

  stop() {
    clearTimeout(this.announceTimer);
    clearTimeout(this.updateTimer);
  }
}

function createHeader(scope, text) {
  const header = createElement("th", "", text);
  header.scope = scope;
  return header;
}

function summarizeChanges(store, calls) {
  const states = calls.map((call) => store.states[store.currentState(call)].name);
  if (calls.length <= 2) return calls.map((call, i) => `${call.name}: ${states[i]}`).join(". ");
  const counts = new Map();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return `${calls.length} calls changed: ${[...counts].map(([state, count]) => `${count} ${state}`).join(", ")}`;
}
