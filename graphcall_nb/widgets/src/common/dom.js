// Elements that all widgets use. Text is always set as text, never as HTML: it may come from any caller.

import { copyText } from "./clipboard.js";

let createdIds = 0;

export function createElement(tag, css, text) {
  const element = document.createElement(tag);
  if (css) element.className = css;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function createId(name) {
  createdIds += 1;
  return `gc-${name}-${createdIds}-${Math.random().toString(36).slice(2, 8)}`;
}

// Writes only what changed: a screen reader may announce every write.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// `title` explains a word. For a button that shows a sign only, pass `label` too: it becomes the accessible name.
export function createButton(css, text, { onClick, label, title } = {}) {
  const button = createElement("button", `gc-button ${css}`.trim(), text);
  button.type = "button";
  button.dataset.lmSuppressShortcuts = "true"; // JupyterLab's one-letter shortcuts must not fire on a focused button
  if (label) button.setAttribute("aria-label", label);
  if (title) button.title = title;
  if (onClick) button.addEventListener("click", onClick);
  return button;
}

// A button that copies the text of an element and reports the result in its own label.
export function createCopyButton(source, label) {
  const button = createButton("gc-small", "Copy", { label });
  button.addEventListener("click", async () => {
    const copied = await copyText(source);
    setText(button, copied ? "Copied" : "Select it and copy by hand");
    setTimeout(() => setText(button, "Copy"), 2000);
  });
  return button;
}

// A square in the color of a call state.
export function createSwatch(color) {
  const swatch = createElement("span", "gc-swatch");
  swatch.style.setProperty("--gc-state", color);
  return swatch;
}

// Scrolls only as far as needed to make a row visible.
export function scrollToRow(scroller, index, rowHeight, visibleHeight) {
  const top = index * rowHeight;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + rowHeight > scroller.scrollTop + visibleHeight) scroller.scrollTop = top + rowHeight - visibleHeight;
}
