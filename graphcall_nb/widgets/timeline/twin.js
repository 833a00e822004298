// The same in words: a table of calls for screen readers (and for everyone, with a button), and a line that is spoken.

const TWIN_MS = 250;
const SPEAK_MS = 3000;

class Twin {
  constructor() {
    this.box = make("div", "gct-twin gct-hidden");
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", "Calls as a table");
    const table = make("table", "gct-table");
    this.caption = make("caption", "");
    const head = make("thead");
    const line = make("tr");
    for (const name of ["Call", "State now", "Since", "So far", "Result"]) {
      const cell = make("th", "", name);
      cell.scope = "col";
      line.append(cell);
    }
    head.append(line);
    this.body = make("tbody");
    table.append(this.caption, head, this.body);
    this.box.append(table);
    this.lines = new Map();
    this.spoken = make("div", "gct-hidden gct-spoken");
    this.spoken.setAttribute("aria-live", "polite");
    this.spoken.setAttribute("role", "status");
    this.news = new Map();
  }

  set shown(shown) {
    this.box.classList.toggle("gct-hidden", !shown);
    this.box.tabIndex = shown ? 0 : -1;
    if (!shown) this.box.removeAttribute("tabindex");
  }

  update(store, rows) {
    setText(this.caption, store.sentence());
    const wanted = new Set(rows.map((call) => call.key));
    for (const [key, line] of this.lines) {
      if (wanted.has(key)) continue;
      line.row.remove();
      this.lines.delete(key);
    }
    let before = null;
    for (const call of rows) before = this.line(store, call, before);
  }

  line(store, call, before) {
    let line = this.lines.get(call.key);
    if (!line) {
      line = { row: make("tr"), cells: [] };
      line.row.dataset.call = call.id;
      for (let i = 0; i < 5; i += 1) {
        const cell = make(i ? "td" : "th");
        if (!i) cell.scope = "row";
        line.cells.push(cell);
      }
      line.row.append(...line.cells);
      this.lines.set(call.key, line);
      this.body.insertBefore(line.row, before ? before.nextSibling : this.body.firstChild);
    }
    const mark = `${call.name}|${call.result}|${call.states.length}`;
    if (line.mark !== mark) {
      line.mark = mark;
      const state = store.states[store.present(call)];
      const since = call.starts[call.starts.length - 1] + store.base;
      const path = call.states.map((one) => store.states[one].name).join(" → ");
      [call.name, state.name, timeText(since), path, call.result].forEach((text, i) => setText(line.cells[i], text));
      line.cells[0].title = call.id;
    }
    return line.row;
  }

  hear(store, changed) {
    for (const call of changed) this.news.set(call.key, call);
    if (this.news.size && !this.speaking) this.speaking = setTimeout(() => this.speak(store), SPEAK_MS / 3);
  }

  // One sentence for all that happened in a while: a screen reader must not be talked over.
  speak(store) {
    const calls = [...this.news.values()];
    this.news.clear();
    const states = calls.map((call) => store.states[store.present(call)].name);
    if (calls.length <= 2) {
      this.say(calls.map((call, i) => `${call.name}: ${states[i]}`).join(". "));
    } else {
      const counts = new Map();
      for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
      this.say(`${calls.length} calls changed: ${[...counts].map(([state, count]) => `${count} ${state}`).join(", ")}`);
    }
    this.speaking = setTimeout(() => {
      this.speaking = null;
      if (this.news.size) this.speak(store);
    }, SPEAK_MS);
  }

  // The table may be a moment behind: `tell` is called once for all that changes until then.
  soon(tell) {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      tell();
    }, TWIN_MS);
  }

  say(text) {
    setText(this.spoken, text);
  }

  stop() {
    for (const timer of [this.speaking, this.telling]) clearTimeout(timer);
  }
}
