// What is around the picture, and when that changes: its room, its colours, whether it is in sight, whether it may move.

const DRESSING_MS = 300; // the colours of a theme may come a moment after its name

function readTheme(element) {
  const style = getComputedStyle(element);
  const color = (name) => style.getPropertyValue(`--gct-${name}`).trim();
  return {
    text: color("text"),
    dim: color("dim"),
    line: color("line"),
    ground: color("ground"),
    raised: color("raised"),
    accent: color("accent"),
    font: style.fontFamily || "sans-serif",
  };
}

class Surroundings {
  // `room` is the element whose width there is; acts: { resized(), changed() }
  constructor(root, room, acts) {
    this.root = root;
    this.acts = acts;
    this.stop = new AbortController();
    this.visible = true;
    this.motion = this.media("(prefers-reduced-motion: reduce)", () => acts.changed());
    this.media("(prefers-color-scheme: dark)", () => this.redress());
    this.observers = [this.watchRoom(room), this.watchSight(), this.watchTheme()];
    this.width = room.clientWidth;
  }

  // Whether nothing should move by itself.
  get still() {
    return this.motion.matches;
  }

  // Read when it is needed first: the page may still be dressing.
  get theme() {
    this.read ??= readTheme(this.root);
    return this.read;
  }

  media(query, act) {
    const list = window.matchMedia(query);
    list.addEventListener("change", act, { signal: this.stop.signal });
    return list;
  }

  watchRoom(room) {
    const observer = new ResizeObserver(() => {
      this.width = room.clientWidth;
      if (this.width) this.acts.resized();
    });
    observer.observe(room);
    return observer;
  }

  watchSight() {
    const observer = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      this.acts.changed();
    });
    observer.observe(this.root);
    return observer;
  }

  // JupyterLab says on the body which theme it wears.
  watchTheme() {
    const observer = new MutationObserver(() => {
      for (const wait of [0, DRESSING_MS]) setTimeout(() => this.redress(), wait);
    });
    observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-name"] });
    return observer;
  }

  // Front ends touch the classes of the body for much else; only other colours are worth painting.
  redress() {
    const theme = readTheme(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.read)) return;
    this.read = theme;
    this.acts.changed();
  }

  leave() {
    this.stop.abort();
    for (const observer of this.observers) observer.disconnect();
    this.visible = false;
  }
}
