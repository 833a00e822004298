// Elements of the cockpit, and how counts and lengths are written there.

let ids = 0;

function makeId(name) {
  return `gcc-${name}-${(ids += 1)}-${Math.random().toString(36).slice(2, 8)}`;
}

function button(css, text, act, label) {
  const made = make("button", `gcc-button ${css}`.trim(), text);
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  if (act) made.addEventListener("click", act);
  return made;
}

// A square of the state's colour and its name: colour is never the only sign.
function stateMark(setup, state) {
  const mark = make("span", "gcc-state");
  const color = state ? (setup.colors[state] ?? setup.unknown) : "transparent";
  mark.append(swatch("gcc", color), make("span", "gcc-state-name", state || "no notification yet"));
  return mark;
}

// What a cell says in two lines at most; all of it when the pointer rests there.
function twoLines(cell, text) {
  const said = cell.firstChild ?? cell.appendChild(make("span", "gcc-two"));
  setText(said, text);
  cell.title = text;
  return said;
}

function counted(number, one, many = `${one}s`) {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

function lengthText(ms) {
  const seconds = Math.max(ms, 0) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(Math.floor(seconds % 60))} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

// A button that copies the text of an element and says so.
function copyButton(source, label) {
  const made = button("gcc-small", "Copy", undefined, label);
  made.addEventListener("click", async () => {
    let said = "Copied";
    try {
      await copyText(source);
    } catch {
      said = "Select it and copy by hand";
    }
    setText(made, said);
    setTimeout(() => setText(made, "Copy"), 2000);
  });
  return made;
}
