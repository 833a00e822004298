// What the parts of every ES module here share: elements, and how ids and numbers are written.

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

function shortId(id) {
  return id.length <= 8 ? id : `…${id.slice(-8)}`;
}

function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

function two(number) {
  return String(number).padStart(2, "0");
}
