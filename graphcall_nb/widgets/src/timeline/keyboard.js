// Keyboard control of the canvas, and its description for screen readers.

import { createElement, createId } from "../common/dom.js";

const HELP =
  "Keys: left and right arrows move in time, plus and minus zoom, Home shows everything, End follows the present, " +
  "up and down arrows select a call, Escape clears the selection. With the mouse: drag to move, Ctrl and wheel to zoom.";

// Returns the element with the description. view: { pan(part), zoom(factor), fit(), setFollow(follow), select(step),
// clearSelection() }
export function attachKeyboard(plot, view, signal) {
  const { canvas } = plot;
  const actions = {
    ArrowLeft: (event) => view.pan(event.shiftKey ? -0.5 : -0.1),
    ArrowRight: (event) => view.pan(event.shiftKey ? 0.5 : 0.1),
    "+": () => view.zoom(1 / 1.5),
    "=": () => view.zoom(1 / 1.5),
    "-": () => view.zoom(1.5),
    Home: () => view.fit(),
    End: () => view.setFollow(true),
    ArrowUp: () => view.select(-1),
    ArrowDown: () => view.select(1),
    PageUp: () => view.select(-plot.rowsPerPage),
    PageDown: () => view.select(plot.rowsPerPage),
    Escape: () => view.clearSelection(),
  };
  const onKey = (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    action(event);
  };
  canvas.tabIndex = 0;
  canvas.dataset.lmSuppressShortcuts = "true"; // JupyterLab's shortcuts would take the arrow keys
  canvas.addEventListener("keydown", onKey, { signal });
  canvas.addEventListener("blur", () => view.clearSelection(), { signal });
  const help = createElement("p", "gc-hidden", HELP);
  help.id = createId("help");
  canvas.setAttribute("aria-describedby", help.id);
  return help;
}
