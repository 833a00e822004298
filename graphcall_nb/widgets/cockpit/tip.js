// Why a button is greyed: said in a bubble when it is pointed at or reached by keyboard, and to screen readers.

class Tip {
  constructor(root) {
    this.root = root;
    this.box = make("div", "gcc-tip");
    this.box.setAttribute("role", "tooltip");
    this.box.id = makeId("tip");
    this.box.hidden = true;
    root.append(this.box);
    const show = (event) => this.show(event.target.closest?.("[data-reason]"));
    for (const name of ["pointerover", "focusin"]) root.addEventListener(name, show);
    for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => this.show(null));
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.box.hidden) return;
      this.show(null);
      event.stopPropagation();
    });
  }

  show(target) {
    this.target?.removeAttribute("aria-describedby");
    this.target = target?.dataset.reason ? target : null;
    this.box.hidden = !this.target;
    if (!this.target) return;
    setText(this.box, this.target.dataset.reason);
    this.target.setAttribute("aria-describedby", this.box.id);
    const [frame, spot] = [this.root.getBoundingClientRect(), this.target.getBoundingClientRect()];
    const left = Math.min(Math.max(spot.right - frame.left - this.box.offsetWidth, 4), frame.width - this.box.offsetWidth - 4);
    const under = spot.bottom - frame.top + 6;
    const above = spot.top - frame.top - this.box.offsetHeight - 6;
    const top = under + this.box.offsetHeight > frame.height && above > 0 ? above : under;
    this.box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  // Grey a button, or bring it back: it can still be reached, so that its reason can be read.
  static set(target, reason) {
    setAttribute(target, "aria-disabled", reason ? "true" : null);
    if (reason) target.dataset.reason = reason;
    else delete target.dataset.reason;
  }

  static greyed(target) {
    return target.getAttribute("aria-disabled") === "true";
  }
}
