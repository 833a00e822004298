// The table of calls, with the actions that are allowed now.

import { createButton, createElement, setAttribute, setText } from "../common/dom.js";
import { formatClock, formatCount, formatDuration, pluralize, SECOND, shortId } from "../common/format.js";
import { createWidget } from "../common/kernel.js";
import { announceViews } from "../common/views.js";
import { CallActions } from "./call_actions.js";
import { CallDetails } from "./call_details.js";
import { createStateMark, renderText } from "./cells.js";
import { isDisabled, setDisabled } from "./disabled.js";
import { RowStore } from "./row_store.js";
import { TableView } from "./table_view.js";

function readCall(wire) {
  const [key, id, label, incoming, state, started, since, notifications, result, outcome, request] = wire;
  const name = label || shortId(id);
  const direction = incoming ? "incoming" : "outgoing";
  return {
    ...{ key, id, name, state, started, since, notifications, result, outcome, request },
    ended: state === "terminated",
    incoming: Boolean(incoming),
    searchText: [name, id, state, result, outcome?.text, direction].join(" ").toLowerCase(),
    content: [name, state, notifications, result, request, JSON.stringify(outcome)].join("|"),
  };
}

class CallsView extends TableView {
  constructor(connection, root, setup) {
    const stateOrder = Object.keys(setup.colors);
    super(connection, root, setup, {
      title: "Calls",
      css: "gcc-calls",
      filterLabel: "Filter calls",
      filters: [
        { title: "All" },
        { title: "Live", test: (row) => !row.ended },
        { title: "Ended", test: (row) => row.ended },
      ],
      sort: { name: "started", ascending: false },
      rowHeight: 40, // two lines for names and results
      emptyText: "No calls yet. Create one with the form; it appears here at once.",
      describeWaiting: (count) => pluralize(count, "new call"),
      columns: [
        { name: "call", title: "Call", css: "gcc-c-call", value: (row) => row.name.toLowerCase(), render: renderName },
        {
          name: "state",
          title: "State",
          css: "gcc-c-state",
          value: (row) => stateOrder.indexOf(row.state),
          render: (cell, row) => cell.replaceChildren(createStateMark(setup, row.state)),
        },
        {
          name: "started",
          title: "Started",
          css: "gcc-c-time",
          descending: true,
          value: (row) => row.started,
          render: (cell, row) => setText(cell, formatClock(row.started)),
        },
        {
          name: "duration",
          title: "Duration",
          css: "gcc-c-length",
          descending: true,
          live: true,
          value: computeDuration,
          render: (cell, row, now) => setText(cell, formatDuration(computeDuration(row, now), !row.ended)),
        },
        {
          name: "result",
          title: "Result",
          css: "gcc-c-result",
          live: true,
          value: (row) => row.result,
          render: (cell, row, now) => this.renderResult(cell, row, now),
        },
        {
          name: "actions",
          title: "Actions",
          css: "gcc-c-actions",
          render: (cell, row, _now, tabIndex) => this.renderActions(cell, row, tabIndex),
        },
      ],
    });
    this.actions = new CallActions(connection, setup);
    // A link to a call was followed, in the form or elsewhere on this page.
    this.onShowCall = (event) => this.showCall(event);
    document.addEventListener("graphcall-nb:show-call", this.onShowCall);
    announceViews();
  }

  summarize(unfiltered) {
    const { size, all, dropped } = this.store;
    const live = all.filter((row) => !row.ended).length;
    const omitted = dropped ? `, ${formatCount(dropped)} older ones omitted` : "";
    const matching = unfiltered ? "" : `${formatCount(this.grid.size)} of `;
    return `${matching}${pluralize(size, "call")}, ${formatCount(live)} live${omitted}`;
  }

  // ---- cells

  renderResult(cell, row, now) {
    const outcome = this.actions.outcome(row);
    const useOutcome = outcome && (outcome.kind !== "done" || !row.result);
    const content = (useOutcome ? outcome.text : row.result) || this.describeRemainingTime(row, now);
    const text = renderText(cell, content);
    text.classList.toggle("gcc-busy", outcome?.kind === "busy");
    text.classList.toggle("gcc-failed", outcome?.kind === "failed");
  }

  // How long an incoming call can still be answered.
  describeRemainingTime(row, now) {
    const { answer_seconds } = this.setup;
    if (row.state !== "incoming" || !answer_seconds || !this.connection.isOpen) return "";
    const seconds = Math.ceil(answer_seconds - (now - row.since) / SECOND);
    return seconds > 0 ? `Answer within ${seconds} s` : "";
  }

  renderActions(cell, row, tabIndex) {
    const actions = this.actions.quickActions(row);
    const content = [row.name, ...actions.map((action) => action.name)].join();
    if (cell.dataset.content === content) {
      // To replace a button while it is pressed would lose the click.
      for (const action of actions) {
        setDisabled(cell.querySelector(`[data-action=${action.name}]`), this.actions.reasonNotAllowed(row, action));
      }
      return;
    }
    cell.dataset.content = content;
    const buttons = actions.map((action) => {
      const button = createButton(`gc-small gcc-do-${action.name}`, action.label, {
        label: `${action.label}: ${row.name}`,
      });
      button.dataset.action = action.name;
      setDisabled(button, this.actions.reasonNotAllowed(row, action));
      return button;
    });
    const more = createButton("gc-small gcc-more", "More", { label: `More about ${row.name}` });
    more.setAttribute("aria-expanded", String(this.openKey === row.key));
    buttons.push(more);
    const focused = cell.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    cell.replaceChildren(...buttons);
    for (const button of buttons) button.tabIndex = tabIndex;
    if (focused === null) return;
    (buttons.find((button) => button.dataset.action === focused) ?? more).focus({ preventScroll: true });
  }

  // ---- actions

  onPress(row, button) {
    const action = this.actions.find(button.dataset.action);
    if (!action) this.toggleDetails(row);
    else if (isDisabled(button)) return;
    else if (action.fields.some((field) => field.required)) this.openFields(row, action);
    else this.perform(row, action, {});
  }

  openFields(row, action) {
    if (this.openKey !== row.key) this.toggleDetails(row);
    this.panel.press(action);
  }

  perform(row, action, values) {
    if (!this.actions.request(row, action, values)) return;
    row.content += "."; // renders the row again
    this.update();
  }

  showDetails(row) {
    this.panel = new CallDetails(this.setup, row, {
      perform: (action, values) => this.perform(this.store.get(row.key) ?? row, action, values),
      close: () => this.closeDetails(),
      showNotifications: () => this.showNotifications(row),
    });
    this.details.replaceChildren(this.panel.box);
    this.updateMoreButtons();
    this.update();
  }

  closeDetails() {
    super.closeDetails();
    this.updateMoreButtons();
  }

  updateMoreButtons() {
    for (const { row, line } of this.grid.lines.rendered.values()) {
      setAttribute(line.querySelector(".gcc-more"), "aria-expanded", String(row.key === this.openKey));
    }
  }

  // Opens the call of a link and cancels the event, so that no other view shows it too.
  showCall(event) {
    const row = this.store.findById(event.detail.call);
    if (row || this.connection.isOpen) event.detail.views += 1;
    if (!row || event.detail.isQuestion || event.defaultPrevented || !this.root.isConnected) return;
    event.preventDefault();
    if (this.openKey !== row.key) this.toggleDetails(row);
    if (this.grid.order.indexOf(row.key) < 0) {
      this.clearFilter();
      this.render();
      this.grid.release();
    }
    this.grid.focus(this.grid.order.indexOf(row.key));
    this.root.scrollIntoView({ block: "nearest" });
  }

  // The table of notifications in the same cockpit listens.
  showNotifications(row) {
    this.root.dispatchEvent(new CustomEvent("gcc-show", { bubbles: true, detail: { id: row.id } }));
  }

  // ---- changes

  update(changed = []) {
    for (const row of changed) {
      if (row.outcome?.kind === "failed") this.announce(`${row.name}: ${row.outcome.text}`);
    }
    super.update();
  }

  render() {
    const { isOpen } = this.connection;
    if (this.wasOpen !== isOpen) {
      for (const row of this.store.all) row.content += ".";
      this.actions.forgetRequests();
      announceViews();
    }
    this.wasOpen = isOpen;
    const hasIncoming = this.store.all.some((row) => this.actions.quickActions(row).length > 1);
    this.grid.table.classList.toggle("gcc-answers", hasIncoming); // makes room for three buttons
    super.render();
    const row = this.store.get(this.openKey);
    if (row) this.panel.update(row, this.actions);
    else this.closeDetails();
  }

  remove() {
    document.removeEventListener("graphcall-nb:show-call", this.onShowCall);
    super.remove();
    announceViews();
  }
}

function computeDuration(row, now) {
  return (row.ended ? row.since : Math.max(now, row.started)) - row.started;
}

function renderName(cell, row) {
  const arrow = createElement("span", "gcc-way", row.incoming ? "↙" : "↗");
  arrow.setAttribute("aria-label", row.incoming ? "incoming" : "outgoing");
  arrow.setAttribute("role", "img");
  const name = createElement("span", "gcc-named");
  name.append(arrow, createElement("span", "gcc-name gcc-two", row.name));
  cell.title = `${row.name}\n${row.id}`;
  cell.replaceChildren(name);
}

export default createWidget((state) => new RowStore(state, readCall), CallsView);
