// What the parts of every ES module here share: elements, and how ids, numbers and times are written.

function make(tag, css, text) {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text !== undefined) element.textContent = text; // never as HTML: it may come from anybody
  return element;
}

// Only what changed is written: a screen reader may look at every write.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// A square of a state's colour; `css` is how the widget's own classes begin.
function swatch(css, color) {
  const made = make("span", `${css}-swatch`);
  made.style.setProperty(`--${css}-state`, color);
  return made;
}

// Scroll no more than is needed for a row to be seen.
function scrollToRow(scroller, index, height, room) {
  const top = index * height;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + height > scroller.scrollTop + room) scroller.scrollTop = top + height - room;
}

function shortId(id) {
  return id.length <= 8 ? id : `…${id.slice(-8)}`;
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function two(number) {
  return String(number).padStart(2, "0");
}

function clockText(ms, exact = false) {
  const date = new Date(ms);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return exact ? `${text}.${String(date.getMilliseconds()).padStart(3, "0")}` : text;
}
