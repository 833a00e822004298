// When the picture is painted: in the browser's next frame, at once when there is news, never while nobody sees it.

const SLOW_MS = 1000; // a bar that grows out of sight, or should not move by itself

class Frames {
  // acts: { move(now, smoothly), paint(now) }; `move` is true while the shown time still glides
  constructor({ link, time, surroundings, plot }, acts) {
    Object.assign(this, { link, time, surroundings, plot, acts });
    this.count = 0;
  }

  // Something else is to be seen.
  again() {
    this.dirty = true;
    this.schedule();
  }

  // News is painted at once: the frame that comes next shows it in any case, and has then less to do. What else is heard
  // before that frame waits for it.
  atOnce() {
    this.again();
    if (this.early || !this.surroundings.visible || document.hidden) return;
    this.early = true;
    this.tick();
    this.schedule();
  }

  schedule() {
    if (!this.surroundings.visible || this.frame) return;
    this.frame = requestAnimationFrame(() => this.begin());
    this.resting(false);
  }

  // A frame begins.
  begin() {
    this.frame = 0;
    const painted = this.early && !this.dirty;
    this.early = false;
    if (painted) this.goOn(true);
    else this.tick();
  }

  tick() {
    if (!this.surroundings.width) return;
    const now = this.link.now();
    const gliding = this.acts.move(now, !this.surroundings.still && this.count > 0);
    // A bar that grows by less than a fifth of a pixel need not be painted again.
    const pixel = this.time.width / this.plot.layout.width / 5;
    if (this.dirty || gliding || now - this.painted > pixel) this.paint(now);
    this.goOn(gliding);
  }

  paint(now) {
    this.dirty = false;
    this.painted = now;
    this.count += 1;
    this.acts.paint(now);
  }

  goOn(gliding) {
    clearTimeout(this.slow);
    const growing = this.link.growing && this.link.store.facts.open > 0;
    if (gliding || (growing && this.time.follow && !this.surroundings.still)) this.schedule();
    else if (growing) this.slow = setTimeout(() => this.schedule(), SLOW_MS);
    else this.resting(true);
  }

  // For tests and for the curious.
  resting(resting) {
    setAttribute(this.plot.canvas, "data-resting", String(resting));
  }

  stop() {
    clearTimeout(this.slow);
    cancelAnimationFrame(this.frame);
  }
}
