// The place of the picture in the page: the canvas in its scrolled box, how high both are, and which rows are in sight.

class Plot {
  // acts: { scrolled() }
  constructor(tallest, acts) {
    this.tallest = tallest;
    this.atBottom = true;
    this.box = make("div", "gct-plot");
    this.scroller = make("div", "gct-scroll");
    this.sizer = make("div", "gct-sizer");
    this.canvas = make("canvas", "gct-canvas");
    this.canvas.setAttribute("role", "img");
    this.empty = make("div", "gct-empty", "No calls yet. They appear here with their first notification.");
    this.sizer.append(this.canvas);
    this.scroller.append(this.sizer);
    this.box.append(this.scroller, this.empty);
    this.scroller.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.scroller;
      this.atBottom = scrollTop + clientHeight > scrollHeight - 8;
      acts.scrolled();
    });
  }

  get scroll() {
    return this.scroller.scrollTop;
  }

  // Make room for what is to be painted. Who follows the present and saw the last row, sees the last row again.
  measure({ width, rows, calls, dense, following }) {
    const strip = calls > 3;
    const lines = Math.max(rows, dense ? 14 : 4); // below that the tooltip has no room
    const height = Math.min(layoutOf(width, 0, lines, strip, dense).content, this.tallest);
    if (this.layout?.height !== height) this.scroller.style.height = `${height}px`;
    this.layout = layoutOf(width, height, lines, strip, dense);
    this.sizer.style.height = `${this.layout.content}px`;
    if (this.atBottom && following) this.scroller.scrollTop = this.layout.content;
    this.empty.hidden = calls > 0;
  }

  // As many pixels as the screen has there.
  sharpen(context) {
    const { canvas, layout } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${layout.width}px`;
      canvas.style.height = `${layout.height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  get topRow() {
    return Math.floor(this.scroll / this.layout.row);
  }

  // How many rows a page up or down is.
  get page() {
    const { top, bottom, row } = this.layout;
    return Math.max(Math.floor((bottom - top) / row) - 1, 1);
  }

  reveal(index) {
    const { top, bottom, row } = this.layout;
    scrollToRow(this.scroller, index, row, bottom - top);
  }
}
