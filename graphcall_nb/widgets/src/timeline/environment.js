// The page around the picture: available width, theme colors, visibility, reduced motion.

const THEME_LOAD_MS = 300; // the colors of a theme may arrive after its name
const COLORS = ["text", "dim", "line", "ground", "raised", "accent"];

function readTheme(element) {
  const style = getComputedStyle(element);
  const colors = COLORS.map((name) => [name, style.getPropertyValue(`--gc-${name}`).trim()]);
  return { ...Object.fromEntries(colors), font: style.fontFamily || "sans-serif" };
}

export class Environment {
  // `box` is the element whose width is available. callbacks: { onResize(), onChange() }
  constructor(root, box, callbacks) {
    this.root = root;
    this.callbacks = callbacks;
    this.stop = new AbortController();
    this.visible = true;
    this.motion = this.watchMedia("(prefers-reduced-motion: reduce)", () => callbacks.onChange());
    this.watchMedia("(prefers-color-scheme: dark)", () => this.updateTheme());
    this.observers = [this.watchSize(box), this.watchVisibility(), this.watchTheme()];
    this.width = box.clientWidth;
  }

  get reducedMotion() {
    return this.motion.matches;
  }

  // Read on first use: the page may still be loading its theme before.
  get theme() {
    this.cachedTheme ??= readTheme(this.root);
    return this.cachedTheme;
  }

  watchMedia(query, onChange) {
    const list = window.matchMedia(query);
    list.addEventListener("change", onChange, { signal: this.stop.signal });
    return list;
  }

  watchSize(box) {
    const observer = new ResizeObserver(() => {
      this.width = box.clientWidth;
      if (this.width) this.callbacks.onResize();
    });
    observer.observe(box);
    return observer;
  }

  watchVisibility() {
    const observer = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      this.callbacks.onChange();
    });
    observer.observe(this.root);
    return observer;
  }

  // JupyterLab names its theme on the body.
  watchTheme() {
    const observer = new MutationObserver(() => {
      for (const wait of [0, THEME_LOAD_MS]) setTimeout(() => this.updateTheme(), wait);
    });
    observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-name"] });
    return observer;
  }

  // Front ends change the classes of the body for other reasons too; repaint only for other colors.
  updateTheme() {
    const theme = readTheme(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.cachedTheme)) return;
    this.cachedTheme = theme;
    this.callbacks.onChange();
  }

  disconnect() {
    this.stop.abort();
    for (const observer of this.observers) observer.disconnect();
    this.visible = false;
  }
}
