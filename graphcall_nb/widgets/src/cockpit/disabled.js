// Disabled buttons that explain why. They stay focusable, so that the reason can be read.

import { setAttribute } from "../common/dom.js";
import { Tooltip } from "../common/tooltip.js";

const GAP_PX = 6;

// Disables a button with a reason, or enables it without one.
export function setDisabled(button, reason) {
  if ((button.dataset.reason ?? null) === (reason || null)) return;
  setAttribute(button, "aria-disabled", reason ? "true" : null);
  if (reason) button.dataset.reason = reason;
  else delete button.dataset.reason;
  // The reason of the button that has the focus is shown.
  if (button === document.activeElement) button.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
}

export function isDisabled(button) {
  return button.getAttribute("aria-disabled") === "true";
}

// Shows the reason of a disabled button inside `root` while it is pointed at or focused.
export function explainDisabled(root) {
  const tooltip = new Tooltip(root);
  let described;
  const show = (target) => {
    described?.removeAttribute("aria-describedby");
    described = target?.dataset.reason ? target : null;
    if (!described) {
      tooltip.hide();
      return;
    }
    const [frame, spot] = [root.getBoundingClientRect(), described.getBoundingClientRect()];
    tooltip.show([described.dataset.reason], (size, room) => {
      const below = spot.bottom - frame.top + GAP_PX;
      const above = spot.top - frame.top - size.height - GAP_PX;
      return [spot.right - frame.left - size.width, below + size.height > room.height && above > 0 ? above : below];
    });
    described.setAttribute("aria-describedby", tooltip.box.id);
  };
  const onEnter = (event) => show(event.target.closest?.("[data-reason]"));
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, onEnter);
  for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => show(null));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || tooltip.hidden) return;
    show(null);
    event.stopPropagation();
  });
}
