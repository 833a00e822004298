// The table of calls, with the actions that are legal now.

function readCall(wire) {
  const [key, id, label, incoming, state, started, since, notifications, result, outcome] = wire;
  const name = label || shortId(id);
  const ended = state === "terminated";
  return {
    ...{ key, id, name, state, started, since, notifications, result, outcome, ended },
    incoming: Boolean(incoming),
    text: [name, id, state, result, outcome?.text, incoming ? "incoming" : "outgoing"].join(" ").toLowerCase(),
    mark: [name, state, notifications, result, JSON.stringify(outcome)].join("|"),
  };
}

class CallsView extends Sheet {
  constructor(link, root, setup) {
    const order = Object.keys(setup.colors);
    super(link, root, setup, {
      title: "Calls",
      css: "gcc-calls",
      find: "Filter calls",
      choices: [
        { title: "All" },
        { title: "Live", test: (row) => !row.ended },
        { title: "Ended", test: (row) => row.ended },
      ],
      order: { name: "started", up: false },
      rowHeight: 40, // names and results take two lines
      empty: "No calls yet. Place one with the form; it appears here at once.",
      many: (count) => counted(count, "new call"),
      columns: [
        { name: "call", title: "Call", css: "gcc-c-call", value: (row) => row.name.toLowerCase(), paint: paintName },
        {
          name: "state",
          title: "State",
          css: "gcc-c-state",
          value: (row) => order.indexOf(row.state),
          paint: (cell, row) => cell.replaceChildren(stateMark(setup, row.state)),
        },
        {
          name: "started",
          title: "Began",
          css: "gcc-c-time",
          down: true,
          value: (row) => row.started,
          paint: (cell, row) => setText(cell, clockText(row.started)),
        },
        {
          name: "length",
          title: "Length",
          css: "gcc-c-length",
          down: true,
          live: true,
          value: (row, now) => lengthOf(row, now),
          paint: (cell, row, now) => setText(cell, lengthText(lengthOf(row, now))),
        },
        { name: "result", title: "Result", css: "gcc-c-result", value: (row) => row.result, paint: (cell, row) => this.paintResult(cell, row) },
        {
          name: "actions",
          title: "Actions",
          css: "gcc-c-actions",
          paint: (cell, row, now, tab) => this.paintActions(cell, row, tab),
        },
      ],
    });
    this.actions = new Actions(link, setup);
    // A link of the form, or of anything else on this page.
    this.linked = (event) => this.follow(event);
    document.addEventListener("graphcall-nb:show-call", this.linked);
  }

  sentence(free) {
    const { size, all, dropped } = this.store;
    const shown = this.grid.size;
    const live = all.filter((row) => !row.ended).length;
    const old = dropped ? `, ${grouped(dropped)} older ones left out` : "";
    return `${free ? "" : `${grouped(shown)} of `}${counted(size, "call")}, ${grouped(live)} live${old}`;
  }

  // ---- cells

  paintResult(cell, row) {
    const outcome = this.actions.outcomeOf(row);
    const text = outcome && (outcome.kind !== "done" || !row.result) ? outcome.text : row.result;
    const said = twoLines(cell, text);
    said.classList.toggle("gcc-busy", outcome?.kind === "busy");
    said.classList.toggle("gcc-failed", outcome?.kind === "failed");
  }

  paintActions(cell, row, tab) {
    const buttons = this.actions.quick(row).map((action) => {
      const made = button(`gcc-small gcc-do-${action.name}`, action.label, undefined, `${action.label}: ${row.name}`);
      made.dataset.action = action.name;
      Tip.set(made, this.actions.whyNot(row, action));
      return made;
    });
    const more = button("gcc-small gcc-more", "More", undefined, `More about ${row.name}`);
    more.setAttribute("aria-expanded", String(this.chosen === row.key));
    const focused = cell.contains(document.activeElement) ? document.activeElement.dataset.action ?? "more" : null;
    cell.replaceChildren(...buttons, more);
    for (const made of [...buttons, more]) made.tabIndex = tab;
    if (focused) (buttons.find((made) => made.dataset.action === focused) ?? more).focus({ preventScroll: true });
  }

  // ---- what the user does

  pressed(row, pressed) {
    const action = this.actions.find(pressed.dataset.action);
    if (!action) this.open(row);
    else if (!Tip.greyed(pressed)) this.press(row, action);
  }

  // From the table, an action that needs to know something opens the details.
  press(row, action) {
    if (action.fields.some((field) => field.required)) {
      if (this.chosen !== row.key) this.open(row);
      this.panel.press(action, this.panel.buttons.find((one) => one.action === action).made);
      return;
    }
    this.send(row, action, {});
  }

  send(row, action, values) {
    if (this.actions.ask(row, action, values)) this.again(row);
  }

  again(row) {
    row.mark += "."; // to be painted anew
    this.changed();
  }

  opened(row) {
    this.panel = new Panel(this.setup, row, {
      press: (action, values) => this.send(this.store.get(row.key) ?? row, action, values),
      close: () => this.close(),
      show: () => this.show(row),
    });
    this.below.replaceChildren(this.panel.box);
    this.refreshMore();
    this.changed();
  }

  closed() {
    this.panel = undefined;
    this.refreshMore();
  }

  refreshMore() {
    for (const { row, line } of this.grid.lines.known.values()) {
      setAttribute(line.querySelector(".gcc-more"), "aria-expanded", String(row.key === this.chosen));
    }
  }

  // Show the call that a link means, and say so to whoever asked: there may be other views.
  follow(event) {
    event.detail.views += 1;
    const row = this.store.find(event.detail.call);
    if (!row || event.defaultPrevented || !this.root.isConnected) return;
    event.preventDefault();
    if (this.chosen !== row.key) this.open(row);
    let at = this.grid.shown.indexOf(row);
    if (at < 0) {
      this.choice = this.parts.choices[0];
      this.find.value = "";
      this.words = [];
      this.paint();
      this.grid.release();
      at = this.grid.shown.indexOf(row);
    }
    this.grid.focus(at);
    this.root.scrollIntoView({ block: "nearest" });
  }

  // The log of the same cockpit hears this.
  show(row) {
    this.root.dispatchEvent(new CustomEvent("gcc-show", { bubbles: true, detail: { id: row.id } }));
  }

  // ---- news

  changed(changed = []) {
    for (const row of changed) {
      this.actions.answered(row);
      if (row.outcome?.kind === "failed") this.say(`${row.name}: ${row.outcome.text}`);
    }
    super.changed();
  }

  remove() {
    document.removeEventListener("graphcall-nb:show-call", this.linked);
    super.remove();
  }

  paint() {
    const open = this.link.open;
    if (this.wasOpen !== open) for (const row of this.store.all) row.mark += ".";
    this.wasOpen = open;
    const answers = this.store.all.some((row) => this.actions.quick(row).length > 1);
    this.grid.table.classList.toggle("gcc-answers", answers); // there are three buttons
    super.paint();
  }

  painted() {
    const row = this.store.get(this.chosen);
    const { actions } = this;
    if (row) {
      const shown = { ...row, outcome: actions.outcomeOf(row) };
      this.panel.update(shown, this.link.now(), (one, action) => actions.whyNot(one, action));
    } else if (this.chosen !== undefined) this.close();
  }
}

function lengthOf(row, now) {
  return (row.ended ? row.since : Math.max(now, row.started)) - row.started;
}

function paintName(cell, row) {
  const arrow = make("span", "gcc-way", row.incoming ? "↙" : "↗");
  arrow.setAttribute("aria-label", row.incoming ? "incoming" : "outgoing");
  arrow.setAttribute("role", "img");
  const both = make("span", "gcc-named");
  both.append(arrow, make("span", "gcc-name gcc-two", row.name));
  cell.title = `${row.name}\n${row.id}`;
  cell.replaceChildren(both);
}

export default widgetOf((state) => new Rows(state, readCall), CallsView);
