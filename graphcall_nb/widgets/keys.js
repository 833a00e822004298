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

function render({ el }) {
  const stop = new AbortController();
  el.style.display = "none";
  const begin = () => {
    const box = el.parentElement;
    if (!box) {
      requestAnimationFrame(begin); // put into its box a moment later
      return;
    }
    box.addEventListener("focusin", ({ target }) => guard(target), { signal: stop.signal });
    box.addEventListener("click", once, { signal: stop.signal, capture: true });
    box.addEventListener("keydown", once, { signal: stop.signal, capture: true });
    if (box.contains(document.activeElement)) guard(document.activeElement);
  };
  begin();
  return () => stop.abort();
}

export default { render };
