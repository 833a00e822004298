// The log of notifications, newest first.

function readLine(wire) {
  const [key, at, id, label, entity, change, state, details] = wire;
  const name = label || shortId(id);
  return {
    ...{ key, at, id, name, entity, change, state, details, mark: "" },
    text: `#${key} ${name} ${id} ${entity} ${change} ${state} ${details}`.toLowerCase(),
  };
}

const text = (of) => (cell, row) => void twoLines(cell, of(row));

class LogView extends Sheet {
  constructor(link, root, setup) {
    super(link, root, setup, {
      title: "Notifications",
      css: "gcc-log",
      find: "Filter notifications",
      choices: [
        { title: "All" },
        { title: "Calls", test: (row) => row.entity === "call" },
        { title: "Others", test: (row) => row.entity !== "call" },
      ],
      order: { name: "seq", up: false },
      rowHeight: 36,
      empty: "Nothing has come in yet. Each notification of the service is listed here, with its raw JSON.",
      many: (count) => counted(count, "new notification"),
      columns: [
        { name: "seq", title: "No.", css: "gcc-c-seq", down: true, value: (row) => row.key, paint: text((row) => String(row.key)) },
        { name: "at", title: "Received", css: "gcc-c-at", down: true, value: (row) => row.at, paint: text((row) => clockText(row.at, true)) },
        { name: "call", title: "Call", css: "gcc-c-call", value: (row) => row.name.toLowerCase(), paint: text((row) => row.name) },
        { name: "what", title: "What", css: "gcc-c-what", value: (row) => `${row.entity} ${row.change}`, paint: text((row) => `${row.entity} ${row.change}`) },
        {
          name: "state",
          title: "State",
          css: "gcc-c-state",
          value: (row) => row.state,
          paint: (cell, row) => cell.replaceChildren(...(row.state ? [stateMark(setup, row.state)] : [])),
        },
        { name: "details", title: "Details", css: "gcc-c-result", value: (row) => row.details, paint: text((row) => row.details) },
      ],
    });
    // "Its notifications" of a call in the same cockpit.
    this.asking = (event) => {
      const cockpit = this.root.closest(".gc-cockpit");
      if (cockpit && event.target.closest(".gc-cockpit") === cockpit) this.only(event.detail.id);
    };
    document.addEventListener("gcc-show", this.asking);
  }

  only(id) {
    this.choice = this.parts.choices[0];
    this.find.value = id;
    this.search(id);
    this.find.focus({ preventScroll: true });
    this.root.scrollIntoView({ block: "nearest" });
  }

  sentence(free) {
    const { size, dropped } = this.store;
    const shown = this.grid.size;
    const old = dropped ? `, ${grouped(dropped)} older ones in session.notifications()` : "";
    return `${free ? "" : `${grouped(shown)} of `}${counted(size, "notification")}${old}`;
  }

  opened(row) {
    this.raw = new Raw(row, { close: () => this.close() });
    this.below.replaceChildren(this.raw.box);
    if (!this.link.open || !this.link.send({ kind: "raw", seq: row.key })) this.raw.tell();
  }

  told(message) {
    if (message.kind === "raw" && message.seq === this.chosen) this.raw.tell(message.text);
  }

  painted() {}

  remove() {
    document.removeEventListener("gcc-show", this.asking);
    super.remove();
  }
}

export default widgetOf((state) => new Rows(state, readLine), LogView);
