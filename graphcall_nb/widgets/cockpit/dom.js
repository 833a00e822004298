// Elements and times. Each ES module of the cockpit is put together from parts like this one; nothing is compiled.

let ids = 0;

function make(tag, css, text) {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text !== undefined) element.textContent = text; // never as HTML: it may come from anybody
  return element;
}

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

// Only what changed is written: a screen reader may look at every write.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// A square of the state's colour and its name: colour is never the only sign.
function stateMark(setup, state) {
  const mark = make("span", "gcc-state");
  const swatch = make("span", "gcc-swatch");
  swatch.style.setProperty("--gcc-state", state ? (setup.colors[state] ?? setup.unknown) : "transparent");
  mark.append(swatch, make("span", "gcc-state-name", state || "no notification yet"));
  return mark;
}

function shortId(id) {
  return id.length <= 8 ? id : `…${id.slice(-8)}`;
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function counted(number, one, many = `${one}s`) {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

function clockText(ms, exact = false) {
  const date = new Date(ms);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return exact ? `${text}.${String(date.getMilliseconds()).padStart(3, "0")}` : text;
}

function lengthText(ms) {
  const seconds = Math.max(ms, 0) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(Math.floor(seconds % 60))} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

async function copyText(text, source) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain http to another machine: browsers keep the clipboard to themselves, but still copy a selection.
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  if (!document.execCommand("copy")) throw new Error("refused");
}

// A button that copies the text of an element and says so.
function copyButton(source, label) {
  const made = button("gcc-small", "Copy", undefined, label);
  made.addEventListener("click", async () => {
    let said = "Copied";
    try {
      await copyText(source.textContent, source);
    } catch {
      said = "Select it and copy by hand";
    }
    setText(made, said);
    setTimeout(() => setText(made, "Copy"), 2000);
  });
  return made;
}
