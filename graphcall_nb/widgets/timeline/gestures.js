// What pointer and wheel do: drag to move in time, Ctrl and wheel to zoom, a click to choose, a double click for everything.

const DRAG_PX = 4; // less is a click by a hand that is not quite still

class Gestures {
  // view: { pan(part), zoom(factor, time), fit(), point(x, y), leave(), choose(x, y), timeAt(x), repaint() }
  constructor(plot, view, signal) {
    this.plot = plot;
    this.view = view;
    const on = (name, act, options = {}) => plot.canvas.addEventListener(name, act, { signal, ...options });
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", () => view.fit());
    on("pointerleave", () => view.leave());
    on("pointermove", (event) => {
      if (this.dragging) this.drag(event);
      else view.point(event.offsetX, event.offsetY);
    });
    on("pointerdown", (event) => this.hold(event));
    on("pointerup", (event) => this.drop(event));
    on("pointercancel", () => (this.dragging = null));
  }

  wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    if (event.ctrlKey || event.metaKey) {
      this.view.zoom(Math.exp(clamp(event.deltaY, 60) * 0.005), this.view.timeAt(event.offsetX));
    } else if (sideways) this.view.pan(clamp(sideways, 200) / this.plot.layout.width);
    else return; // rows scroll as any box does
    event.preventDefault();
  }

  hold(event) {
    if (event.button || event.pointerType === "touch") return;
    this.plot.canvas.setPointerCapture(event.pointerId);
    this.dragging = { x: event.clientX, far: false };
  }

  drag(event) {
    const moved = event.clientX - this.dragging.x;
    if (!this.dragging.far && Math.abs(moved) < DRAG_PX) return;
    this.dragging = { x: event.clientX, far: true };
    const { gutter, right } = this.plot.layout;
    this.view.pan(-moved / (right - gutter));
  }

  drop(event) {
    const clicked = this.dragging && !this.dragging.far;
    this.dragging = null;
    if (clicked) this.view.choose(event.offsetX, event.offsetY);
    else this.view.repaint(); // the tooltip comes back
  }
}

function clamp(number, most) {
  return Math.max(-most, Math.min(most, number));
}
