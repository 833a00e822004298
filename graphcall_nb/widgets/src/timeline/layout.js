// Where the parts of the picture are, in CSS pixels, and which call is at a point of it.

export const AXIS_PX = 28;
const STRIP_PX = 58;
const PADDING_PX = 6;
const END_TOLERANCE_PX = 5; // the mark at the end of a call is thin

export function computeLayout({ width, height, rowCount, strip, dense }) {
  const rowHeight = dense ? 7 : 24;
  const stripHeight = strip ? STRIP_PX : 0;
  return {
    width,
    height,
    gutter: Math.round(Math.min(Math.max(width * 0.24, 90), 230)),
    rowHeight,
    barHeight: dense ? 5 : 14,
    dense,
    strip,
    top: AXIS_PX,
    bottom: height - stripHeight,
    right: width - 10,
    contentHeight: AXIS_PX + rowCount * rowHeight + PADDING_PX + stripHeight,
  };
}

export function timeAt({ layout, time }, x) {
  return time.from + ((x - layout.gutter) / (layout.right - layout.gutter)) * time.width;
}

// The call and the index of its state at a point of the canvas; `scene` is that of the painter.
export function spotAt(scene, x, y) {
  const { layout, store } = scene;
  if (y < layout.top || y >= layout.bottom) return undefined;
  const call = scene.rows[Math.floor((y - layout.top + scene.scroll) / layout.rowHeight)];
  if (!call) return undefined;
  const last = call.states.length - 1;
  const tolerance = (END_TOLERANCE_PX / (layout.right - layout.gutter)) * scene.time.width;
  const time = timeAt(scene, x);
  const atEnd = store.hasEnded(call) && Math.abs(call.starts[last] - time) < tolerance;
  const index = atEnd || x < layout.gutter ? last : call.starts.findLastIndex((start) => start <= time);
  return { key: call.key, call, index, x, y };
}

// The same for a row chosen by keyboard: the present state of its call, at the left end of the row.
export function spotOfRow({ layout, rows, scroll }, index) {
  const call = rows[index];
  const y = layout.top + index * layout.rowHeight - scroll + layout.rowHeight / 2;
  return { key: call.key, call, index: call.states.length - 1, x: layout.gutter + 8, y };
}
