// One call in full: its facts, and every action, disabled with the reason where its state does not allow it.

import { createButton, createCopyButton, createElement, setAttribute, setText } from "../common/dom.js";
import { formatClock, pluralize } from "../common/format.js";
import { ActionFields } from "./action_fields.js";
import { createCloseButton, createDetails, createStateMark } from "./cells.js";
import { isDisabled, setDisabled } from "./disabled.js";

export class CallDetails {
  // callbacks: { perform(action, values), close(), showNotifications() }
  constructor(setup, row, callbacks) {
    this.setup = setup;
    this.callbacks = callbacks;
    this.box = createDetails(`Call ${row.name}`, () => (this.fields ? this.closeFields() : callbacks.close()));
    this.name = createElement("span", "gcc-panel-name");
    this.state = createElement("span");
    const head = createElement("div", "gcc-panel-head");
    this.close = createCloseButton("Close the details", callbacks.close);
    head.append(this.name, this.state, this.close);
    this.facts = createElement("p", "gcc-facts");
    const id = createElement("code", "gcc-id", row.id);
    const idLine = createElement("p", "gcc-facts");
    idLine.append(
      id,
      createCopyButton(id, "Copy the id of the call"),
      createButton("gc-small", "Notifications", {
        onClick: callbacks.showNotifications,
        label: "Show the notifications of this call",
      }),
    );
    this.groups = createElement("div", "gcc-groups");
    this.over = createElement("p", "gcc-facts", "The call has ended: no action applies to it.");
    this.fieldsBox = createElement("div");
    this.outcome = createElement("div", "gcc-outcome");
    this.outcome.setAttribute("role", "status");
    this.buttons = this.addButtons(setup.actions);
    this.box.append(head, this.facts, idLine, this.over, this.groups, this.fieldsBox, this.outcome);
  }

  // Returns the buttons by the name of their action.
  addButtons(actions) {
    const groups = new Map();
    return new Map(
      actions.map((action) => {
        if (!groups.has(action.group)) groups.set(action.group, this.addGroup(action.group));
        const hasFields = action.fields.length > 0;
        const button = createButton(`gcc-action gcc-do-${action.name}`, action.label + (hasFields ? " …" : ""), {
          onClick: () => this.press(action),
        });
        if (hasFields) button.setAttribute("aria-expanded", "false");
        groups.get(action.group).append(button);
        return [action.name, button];
      }),
    );
  }

  addGroup(name) {
    const group = createElement("div", "gcc-group");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", name);
    group.append(createElement("span", "gcc-group-name", name));
    this.groups.append(group);
    return group;
  }

  // Performs an action, or opens its fields; a second press closes them.
  press(action) {
    const button = this.buttons.get(action.name);
    if (isDisabled(button)) return;
    const wasOpen = this.fields?.action === action;
    this.closeFields();
    if (!action.fields.length) this.callbacks.perform(action, {});
    else if (!wasOpen) this.openFields(action, button);
  }

  openFields(action, button) {
    this.fields = new ActionFields(action, {
      send: (values) => {
        this.closeFields();
        this.callbacks.perform(action, values);
        button.focus();
      },
      cancel: () => this.closeFields(),
    });
    this.opener = button;
    button.setAttribute("aria-expanded", "true");
    this.fieldsBox.append(this.fields.form);
    this.fields.focus();
  }

  closeFields() {
    const focused = this.fieldsBox.contains(document.activeElement);
    this.fieldsBox.replaceChildren();
    this.opener?.setAttribute("aria-expanded", "false");
    if (focused) this.opener.focus();
    this.fields = this.opener = undefined;
  }

  update(row, actions) {
    setAttribute(this.box, "aria-label", `Call ${row.name}`);
    setText(this.name, row.name);
    this.state.replaceChildren(createStateMark(this.setup, row.state));
    const facts = [
      row.incoming ? "incoming" : "outgoing",
      `started ${formatClock(row.started)}`,
      row.ended ? `ended ${formatClock(row.since)}` : row.state && `${row.state} since ${formatClock(row.since)}`,
      pluralize(row.notifications, "notification"),
      row.result,
    ];
    setText(this.facts, facts.filter(Boolean).join(" · "));
    for (const action of this.setup.actions) {
      setDisabled(this.buttons.get(action.name), actions.reasonNotAllowed(row, action));
    }
    this.showActions(!row.ended);
    this.showOutcome(actions.outcome(row));
  }

  // An ended call has one sentence in place of its buttons, of which each would be disabled.
  showActions(shown) {
    const focused = this.groups.contains(document.activeElement) || this.fieldsBox.contains(document.activeElement);
    if (!shown && this.fields) this.closeFields();
    this.groups.hidden = !shown;
    this.over.hidden = shown;
    if (!shown && focused) this.close.focus({ preventScroll: true });
  }

  showOutcome(outcome) {
    const content = JSON.stringify(outcome);
    if (this.shownOutcome === content) return;
    this.shownOutcome = content;
    this.outcome.dataset.kind = outcome?.kind ?? "";
    const lines = outcome ? [createElement("span", "gcc-said", outcome.text)] : [];
    if (outcome?.remedy) lines.push(createElement("span", "", outcome.remedy));
    for (const [name, value] of Object.entries(outcome?.ids ?? {})) {
      const line = createElement("span", "gcc-trace", `${name} `);
      line.append(createElement("code", "", value));
      lines.push(line);
    }
    this.outcome.replaceChildren(...lines);
  }
}
