// Contents of table cells and headings.

import { createButton, createElement, createSwatch, setText } from "../common/dom.js";

// The color of a state and its name: color is never the only sign.
export function createStateMark(setup, state) {
  const mark = createElement("span", "gcc-state");
  const color = state ? (setup.colors[state] ?? setup.unknown) : "transparent";
  mark.append(createSwatch(color), createElement("span", "gcc-state-name", state || "no notification yet"));
  return mark;
}

// At most two lines of text; the whole text as the title.
export function renderText(cell, text) {
  const element = cell.firstChild ?? cell.appendChild(createElement("span", "gcc-two"));
  setText(element, text);
  cell.title = text;
  return element;
}

// The box below a table that shows one row in full; Escape calls `onEscape`.
export function createDetails(label, onEscape) {
  const box = createElement("div", "gcc-panel");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onEscape();
  });
  return box;
}

export function createCloseButton(label, onClick) {
  return createButton("gcc-close", "×", { onClick, label });
}
