// What the keys do, and the sentence that tells it to screen readers.

const KEYS =
  "Keys: left and right arrows move in time, plus and minus zoom, Home shows everything, End follows the present, " +
  "up and down arrows choose a call, Escape lets go. With the mouse: drag to move, Ctrl and wheel to zoom.";

let helps = 0;

class Keyboard {
  // view: { pan(part), zoom(factor), fit(), setFollow(follow), select(step), letGo() }
  constructor(plot, view, signal) {
    this.plot = plot;
    this.view = view;
    const { canvas } = plot;
    canvas.tabIndex = 0;
    canvas.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own shortcuts would take the arrow keys
    this.help = make("p", "gct-hidden", KEYS);
    this.help.id = `gct-help-${(helps += 1)}-${Date.now()}`;
    canvas.setAttribute("aria-describedby", this.help.id);
    canvas.addEventListener("keydown", (event) => this.press(event), { signal });
    canvas.addEventListener("blur", () => view.letGo(), { signal });
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { view } = this;
    const acts = {
      ArrowLeft: () => view.pan(event.shiftKey ? -0.5 : -0.1),
      ArrowRight: () => view.pan(event.shiftKey ? 0.5 : 0.1),
      "+": () => view.zoom(1 / 1.5),
      "=": () => view.zoom(1 / 1.5),
      "-": () => view.zoom(1.5),
      Home: () => view.fit(),
      End: () => view.setFollow(true),
      ArrowUp: () => view.select(-1),
      ArrowDown: () => view.select(1),
      PageUp: () => view.select(-this.plot.page),
      PageDown: () => view.select(this.plot.page),
      Escape: () => view.letGo(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }
}
