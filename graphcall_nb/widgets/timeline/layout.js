// Where things are in the picture, in CSS pixels, and what is at a point of it.

const AXIS = 28;
const STRIP = 58;
const PAD = 6;
const NEAR = 5; // the end of a call is a thin mark: beside it counts

function layoutOf(width, height, rowCount, strip, dense) {
  const gutter = Math.round(Math.min(Math.max(width * 0.24, 90), 230));
  const row = dense ? 7 : 24;
  return {
    width,
    height,
    gutter,
    row,
    bar: dense ? 5 : 14,
    dense,
    top: AXIS,
    bottom: height - (strip ? STRIP : 0),
    strip,
    right: width - 10,
    content: AXIS + rowCount * row + PAD + (strip ? STRIP : 0),
  };
}

function timeAt({ layout, time }, x) {
  return time.from + ((x - layout.gutter) / (layout.right - layout.gutter)) * time.width;
}

// The call and the bar at a point of the canvas; `scene` is what the painter gets.
function spotAt(scene, x, y) {
  const { layout, store } = scene;
  if (y < layout.top || y >= layout.bottom) return undefined;
  const call = scene.rows[Math.floor((y - layout.top + scene.scroll) / layout.row)];
  if (!call) return undefined;
  const last = call.states.length - 1;
  const near = (NEAR / (layout.right - layout.gutter)) * scene.time.width;
  const time = timeAt(scene, x);
  const ending = store.ended(call) && Math.abs(call.starts[last] - time) < near;
  const index = ending || x < layout.gutter ? last : call.starts.findLastIndex((start) => start <= time);
  return { key: call.key, call, index, x, y };
}

// The same for a row that no pointer is at: its call as it is now, seen from the row's beginning.
function spotOfRow({ layout, rows, scroll }, index) {
  const call = rows[index];
  const y = layout.top + index * layout.row - scroll + layout.row / 2;
  return { key: call.key, call, index: call.states.length - 1, x: layout.gutter + 8, y };
}
