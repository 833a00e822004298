// One notification in full: its JSON, asked of the kernel when somebody wants it.

class Raw {
  // acts: { close() }
  constructor(row, acts) {
    this.row = row;
    this.box = make("div", "gcc-panel");
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", `Notification ${row.key}`);
    const head = make("div", "gcc-panel-head");
    this.text = make("pre", "gcc-raw", "Asking the kernel …");
    this.text.tabIndex = 0;
    this.text.setAttribute("role", "region");
    this.text.setAttribute("aria-label", `Raw JSON of notification ${row.key}`);
    head.append(
      make("span", "gcc-panel-name", `Notification ${row.key}`),
      make("span", "gcc-summary", `as it came at ${clockText(row.at, true)}`),
      copyButton(this.text, "Copy the JSON"),
      button("gcc-close", "×", acts.close, "Close the raw view"),
    );
    this.box.append(head, this.text);
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      acts.close();
    });
  }

  tell(text) {
    setText(this.text, text ?? "The journal no longer has it: the session is closed.");
  }
}
