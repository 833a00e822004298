// JupyterLab's one-letter shortcuts ("m" makes a cell Markdown, "d d" deletes it) also fire while a list, a checkbox or a
// button has the focus. This switches them off on the focused control. Text fields are not affected by shortcuts.

const TEXT_FIELDS = "input:not([type=checkbox], [type=radio]), textarea";

function suppressShortcuts(element) {
  // On the element itself: JupyterLab searches from there upwards and stops at the first element that a shortcut matches.
  if (!element.matches(TEXT_FIELDS)) element.setAttribute("data-lm-suppress-shortcuts", "");
}

export function blockShortcuts(box, signal) {
  box.addEventListener("focusin", ({ target }) => suppressShortcuts(target), { signal });
  if (box.contains(document.activeElement)) suppressShortcuts(document.activeElement);
}

const PRESS_MOVE_PX = 6; // a hand that holds still

// A press counts for the button that it began on, also when the content moves between pressing and releasing: an answer
// of the kernel may add rows above the button at that moment, and browsers then click nothing.
export function keepPresses(box, signal) {
  let press = null;
  const onDown = (event) => {
    const button = event.target.closest?.("button");
    press = event.button === 0 && button ? { button, x: event.clientX, y: event.clientY } : null;
  };
  const onUp = ({ target, clientX, clientY }) => {
    const pressed = press;
    press = null;
    if (!pressed?.button.isConnected || pressed.button.contains(target)) return;
    const moved = Math.hypot(clientX - pressed.x, clientY - pressed.y);
    if (moved <= PRESS_MOVE_PX) pressed.button.click();
  };
  const options = { signal, capture: true };
  box.addEventListener("mousedown", onDown, options);
  document.addEventListener("mouseup", onUp, options);
}

// Buttons that send a request react once to a double click and to a key that is held down.
export function ignoreRepeats(box, buttons, signal) {
  const ignoreRepeat = (event) => {
    const repeated = event.type === "click" ? event.detail > 1 : event.repeat && event.key === "Enter";
    if (!repeated || !event.target.closest?.(buttons)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  box.addEventListener("click", ignoreRepeat, { signal, capture: true });
  box.addEventListener("keydown", ignoreRepeat, { signal, capture: true });
}
