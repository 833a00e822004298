// The table of notifications, newest first, each with its JSON as received.

import { createCopyButton, createElement, setText } from "../common/dom.js";
import { formatClockExact, formatCount, pluralize, shortId } from "../common/format.js";
import { createWidget } from "../common/kernel.js";
import { createCloseButton, createDetails, createStateMark, renderText } from "./cells.js";
import { RowStore } from "./row_store.js";
import { TableView } from "./table_view.js";

function readNotification(wire) {
  const [key, at, id, label, entity, change, state, details] = wire;
  const name = label || shortId(id);
  return {
    ...{ key, at, id, name, entity, change, state, details },
    searchText: `#${key} ${name} ${id} ${entity} ${change} ${state} ${details}`.toLowerCase(),
    content: "", // a notification never changes
  };
}

function textColumn(name, title, css, value, text = value, options = {}) {
  return { name, title, css, value, render: (cell, row) => void renderText(cell, text(row)), ...options };
}

class NotificationsView extends TableView {
  constructor(connection, root, setup) {
    super(connection, root, setup, {
      title: "Notifications",
      css: "gcc-log",
      filterLabel: "Filter notifications",
      filters: [
        { title: "All" },
        { title: "Calls", test: (row) => row.entity === "call" },
        { title: "Others", test: (row) => row.entity !== "call" },
      ],
      sort: { name: "seq", ascending: false },
      rowHeight: 36,
      emptyText: "No notifications yet. Each one is listed here with its JSON.",
      describeWaiting: (count) => pluralize(count, "new notification"),
      columns: [
        textColumn(
          "seq",
          "No.",
          "gcc-c-seq",
          (row) => row.key,
          (row) => String(row.key),
          { descending: true },
        ),
        textColumn(
          "at",
          "Received",
          "gcc-c-at",
          (row) => row.at,
          (row) => formatClockExact(row.at),
          { descending: true },
        ),
        textColumn(
          "call",
          "Call",
          "gcc-c-call",
          (row) => row.name.toLowerCase(),
          (row) => row.name,
        ),
        textColumn("what", "Change", "gcc-c-what", (row) => `${row.entity} ${row.change}`),
        {
          name: "state",
          title: "State",
          css: "gcc-c-state",
          value: (row) => row.state,
          render: (cell, row) => cell.replaceChildren(...(row.state ? [createStateMark(setup, row.state)] : [])),
        },
        textColumn("details", "Details", "gcc-c-result", (row) => row.details),
      ],
    });
    // A call in the same cockpit asks for its notifications.
    this.onShow = (event) => {
      const cockpit = this.root.closest(".gcc-cockpit");
      if (cockpit && event.target.closest(".gcc-cockpit") === cockpit) this.showOnly(event.detail.id);
    };
    document.addEventListener("gcc-show", this.onShow);
  }

  showOnly(id) {
    this.clearFilter(id);
    this.search.focus({ preventScroll: true });
    this.root.scrollIntoView({ block: "nearest" });
  }

  summarize(unfiltered) {
    const { size, dropped } = this.store;
    const omitted = dropped ? `, ${formatCount(dropped)} older ones in session.notifications()` : "";
    const matching = unfiltered ? "" : `${formatCount(this.grid.size)} of `;
    return `${matching}${pluralize(size, "notification")}${omitted}`;
  }

  showDetails(row) {
    const close = () => this.closeDetails();
    const box = createDetails(`Notification ${row.key}`, close);
    this.json = createElement("pre", "gcc-raw", "Loading …");
    this.json.tabIndex = 0;
    this.json.setAttribute("role", "region");
    this.json.setAttribute("aria-label", `JSON of notification ${row.key}`);
    const head = createElement("div", "gcc-panel-head");
    head.append(
      createElement("span", "gcc-panel-name", `Notification ${row.key}`),
      createElement("span", "gc-summary", `as received at ${formatClockExact(row.at)}`),
      createCopyButton(this.json, "Copy the JSON"),
      createCloseButton("Close the JSON", close),
    );
    box.append(head, this.json);
    this.details.replaceChildren(box);
    if (!this.connection.isOpen || !this.connection.send({ kind: "raw", seq: row.key })) this.showJson(null);
  }

  onReply(message) {
    if (message.kind === "raw" && message.seq === this.openKey) this.showJson(message.text);
  }

  showJson(text) {
    setText(this.json, text ?? "The JSON is not available: the session is closed.");
  }

  remove() {
    document.removeEventListener("gcc-show", this.onShow);
    super.remove();
  }
}

export default createWidget((state) => new RowStore(state, readNotification), NotificationsView);
