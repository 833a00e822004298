// Decides when the picture is painted: in the next animation frame, at once for new data, never while invisible.

import { setAttribute } from "../common/dom.js";

const SLOW_INTERVAL_MS = 1000; // for a bar that grows outside the window, or with reduced motion

export class RenderLoop {
  // callbacks: { move(now, smoothly), paint(now) }; `move` returns true while the time window is gliding
  constructor({ connection, time, environment, plot }, callbacks) {
    Object.assign(this, { connection, time, environment, plot, callbacks });
    this.frames = 0;
  }

  // Requests a repaint.
  invalidate() {
    this.dirty = true;
    this.schedule();
  }

  // Paints new data at once: the next frame shows it in any case and then has less to do. Further data that arrives
  // before that frame waits for it.
  paintNow() {
    this.invalidate();
    if (this.paintedEarly || !this.environment.visible || document.hidden) return;
    this.paintedEarly = true;
    this.tick();
    this.schedule();
  }

  schedule() {
    if (!this.environment.visible || this.frameRequest) return;
    this.frameRequest = requestAnimationFrame(() => this.onFrame());
    this.setResting(false);
  }

  onFrame() {
    this.frameRequest = 0;
    const upToDate = this.paintedEarly && !this.dirty;
    this.paintedEarly = false;
    if (upToDate) this.scheduleNext(true);
    else this.tick();
  }

  tick() {
    if (!this.environment.width) return;
    const now = this.connection.now();
    const gliding = this.callbacks.move(now, !this.environment.reducedMotion && this.frames > 0);
    // A bar that grew by less than a fifth of a pixel is not painted again.
    const fifthOfPixel = this.time.width / this.plot.layout.width / 5;
    if (this.dirty || gliding || now - this.paintedAt > fifthOfPixel) this.paint(now);
    this.scheduleNext(gliding);
  }

  paint(now) {
    this.dirty = false;
    this.paintedAt = now;
    this.frames += 1;
    this.callbacks.paint(now);
  }

  scheduleNext(gliding) {
    clearTimeout(this.slowTimer);
    const growing = this.connection.isRunning && this.connection.store.totals.live > 0;
    if (gliding || (growing && this.time.follow && !this.environment.reducedMotion)) this.schedule();
    else if (growing) this.slowTimer = setTimeout(() => this.schedule(), SLOW_INTERVAL_MS);
    else this.setResting(true);
  }

  // For tests and for debugging.
  setResting(resting) {
    setAttribute(this.plot.canvas, "data-resting", String(resting));
  }

  stop() {
    clearTimeout(this.slowTimer);
    cancelAnimationFrame(this.frameRequest);
  }
}
