// JupyterLab's shortcuts of one letter ("m" makes the cell Markdown, "d d" deletes it) also hear what is typed on a
// list, a box to check or a button: there they are switched off, once it has the focus. Text fields need none of this.

const TEXT = "input:not([type=checkbox], [type=radio]), textarea";
const ONCE = ".gc-create, .gcc-row button, .gcc-action";

function guard(element) {
  // On the element itself: JupyterLab looks for the mark from there upwards, and finds the shortcut before a box's mark.
  if (!element.matches(TEXT)) element.setAttribute("data-lm-suppress-shortcuts", "");
}

// Buttons that ask the service for something hear a double click, and a key that is held down, once.
function once(event) {
  const again = event.type === "click" ? event.detail > 1 : event.repeat && event.key === "Enter";
  if (!again || !event.target.closest?.(ONCE)) return;
  event.preventDefault();
  event.stopPropagation();
}

function watch(box, signal) {
  box.addEventListener("focusin", ({ target }) => guard(target), { signal });
  box.addEventListener("click", once, { signal, capture: true });
  box.addEventListener("keydown", once, { signal, capture: true });
  if (box.contains(document.activeElement)) guard(document.activeElement);
}

export default { render: unseen(watch) };
