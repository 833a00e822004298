// Pointer and wheel: drag to pan, Ctrl and wheel to zoom, click to select, double click to show everything.

const MIN_DRAG_PX = 4; // less is a click by an unsteady hand

const clamp = (number, limit) => Math.max(-limit, Math.min(limit, number));

export class PointerControl {
  // view: { pan(part), zoom(factor, time), fit(), hover(x, y), leave(), selectAt(x, y), timeAt(x), repaint() }
  constructor(plot, view, signal) {
    this.plot = plot;
    this.view = view;
    const on = (name, listener, options = {}) => plot.canvas.addEventListener(name, listener, { signal, ...options });
    on("wheel", (event) => this.onWheel(event), { passive: false });
    on("dblclick", () => view.fit());
    on("pointerleave", () => view.leave());
    on("pointermove", (event) => {
      if (this.drag) this.onDrag(event);
      else view.hover(event.offsetX, event.offsetY);
    });
    on("pointerdown", (event) => this.onDown(event));
    on("pointerup", (event) => this.onUp(event));
    on("pointercancel", () => {
      this.drag = null;
    });
  }

  onWheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
    if (event.ctrlKey || event.metaKey) {
      this.view.zoom(Math.exp(clamp(event.deltaY, 60) * 0.005), this.view.timeAt(event.offsetX));
    } else if (sideways) this.view.pan(clamp(sideways, 200) / this.plot.layout.width);
    else return; // the container scrolls its rows
    event.preventDefault();
  }

  onDown(event) {
    if (event.button || event.pointerType === "touch") return;
    this.plot.canvas.setPointerCapture(event.pointerId);
    this.drag = { x: event.clientX, moved: false };
  }

  onDrag(event) {
    const distance = event.clientX - this.drag.x;
    if (!this.drag.moved && Math.abs(distance) < MIN_DRAG_PX) return;
    this.drag = { x: event.clientX, moved: true };
    const { gutter, right } = this.plot.layout;
    this.view.pan(-distance / (right - gutter));
  }

  onUp(event) {
    const clicked = this.drag && !this.drag.moved;
    this.drag = null;
    if (clicked) this.view.selectAt(event.offsetX, event.offsetY);
    else this.view.repaint(); // shows the tooltip again
  }
}
