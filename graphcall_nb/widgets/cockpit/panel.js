// One call in full: what is known of it, and every action, greyed with the reason where its state forbids it.

class Panel {
  // acts: { press(action, values), close(), show() }
  constructor(setup, row, acts) {
    this.setup = setup;
    this.acts = acts;
    this.box = make("div", "gcc-panel");
    this.box.setAttribute("role", "group");
    this.id = make("code", "gcc-id", row.id);
    this.head = make("div", "gcc-panel-head");
    this.name = make("span", "gcc-panel-name");
    this.state = make("span");
    const close = button("gcc-close", "×", acts.close, "Close the details");
    this.head.append(this.name, this.state, close);
    this.facts = make("p", "gcc-facts");
    const line = make("p", "gcc-facts");
    line.append(this.id, copyButton(this.id, "Copy the id of the call"));
    line.append(button("gcc-small", "Its notifications", acts.show, "Show its notifications in the log"));
    this.outcome = make("div", "gcc-outcome");
    this.outcome.setAttribute("role", "status");
    this.groups = make("div", "gcc-groups");
    this.form = make("div", "gcc-form-place");
    this.buttons = this.build(setup.actions);
    this.box.append(this.head, this.facts, line, this.groups, this.form, this.outcome);
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (this.fields) this.fold();
      else acts.close();
    });
  }

  build(actions) {
    const groups = new Map();
    return actions.map((action) => {
      if (!groups.has(action.group)) {
        const group = make("div", "gcc-group");
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", action.group);
        group.append(make("span", "gcc-group-name", action.group));
        groups.set(action.group, group);
        this.groups.append(group);
      }
      const more = action.fields.length > 0;
      const made = button(`gcc-action gcc-do-${action.name}`, action.label + (more ? " …" : ""), () => this.press(action, made));
      if (more) made.setAttribute("aria-expanded", "false");
      groups.get(action.group).append(made);
      return { action, made };
    });
  }

  press(action, made) {
    if (Tip.greyed(made)) return;
    if (!action.fields.length) {
      this.fold();
      this.acts.press(action, {});
      return;
    }
    const again = this.fields?.action === action;
    this.fold();
    if (again) return;
    this.fields = new Fields(action, {
      send: (values) => {
        this.fold();
        this.acts.press(action, values);
        made.focus();
      },
      cancel: () => this.fold(),
    });
    this.opener = made;
    made.setAttribute("aria-expanded", "true");
    this.form.append(this.fields.form);
    this.fields.focus();
  }

  fold() {
    const inside = this.form.contains(document.activeElement);
    this.form.replaceChildren();
    this.opener?.setAttribute("aria-expanded", "false");
    if (inside) this.opener.focus();
    this.fields = this.opener = undefined;
  }

  update(row, now, whyNot) {
    setAttribute(this.box, "aria-label", `Call ${row.name}`);
    setText(this.name, row.name);
    this.state.replaceChildren(stateMark(this.setup, row.state));
    const parts = [
      row.incoming ? "incoming" : "outgoing",
      `began ${clockText(row.started)}`,
      row.ended ? `ended ${clockText(row.since)}` : row.state && `${row.state} since ${clockText(row.since)}`,
      counted(row.notifications, "notification"),
      row.result,
    ];
    setText(this.facts, parts.filter(Boolean).join(" · "));
    for (const { action, made } of this.buttons) Tip.set(made, whyNot(row, action));
    this.say(row.outcome);
  }

  say(outcome) {
    const mark = JSON.stringify(outcome);
    if (this.said === mark) return;
    this.said = mark;
    this.outcome.replaceChildren();
    this.outcome.dataset.kind = outcome?.kind ?? "";
    if (!outcome) return;
    this.outcome.append(make("span", "gcc-said", outcome.text));
    if (outcome.remedy) this.outcome.append(make("span", "", outcome.remedy));
    for (const [name, value] of Object.entries(outcome.ids ?? {})) {
      const line = make("span", "gcc-trace", `${name} `);
      line.append(make("code", "", value));
      this.outcome.append(line);
    }
  }
}
