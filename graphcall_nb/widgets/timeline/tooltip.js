// The tooltip: what it says about a call in a state, and where it stands.

function tipLines(store, { call, index }, now) {
  if (index < 0) return [call.name, "not begun yet"];
  const state = store.states[call.states[index]].name;
  const last = index + 1 === call.states.length;
  const start = call.starts[index];
  const at = `${last && store.ended(call) ? "at" : "from"} ${timeText(start + store.base)}`;
  if (last && store.ended(call)) {
    return [call.name, state, at, `after ${durationText(start - call.starts[0])}`, call.result].filter(Boolean);
  }
  const length = durationText(Math.max((last ? now : call.starts[index + 1]) - start, 0));
  return [call.name, state, at, last ? `for ${length} so far` : `for ${length}`];
}

class Tooltip {
  constructor() {
    this.box = make("div", "gct-tip");
    this.hide();
  }

  hide() {
    this.box.hidden = true;
  }

  show(store, spot, now, layout) {
    const [name, state, ...rest] = tipLines(store, spot, now);
    const color = spot.index < 0 ? "transparent" : store.states[spot.call.states[spot.index]].color;
    const head = make("div", "gct-tip-state");
    head.append(swatch("gct", color), make("span", "", rest.length > 1 ? `${state} ${rest.splice(1, 1)[0]}` : state));
    this.box.replaceChildren(
      make("div", "gct-tip-name", name),
      make("div", "gct-tip-id", spot.call.id),
      head,
      ...rest.map((line) => make("div", "", line)),
    );
    this.box.hidden = false;
    this.place(spot, layout);
  }

  // Beside the pointer and never under it, inside the picture.
  place(spot, layout) {
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const left = spot.x + 18 + width > layout.width ? spot.x - width - 14 : spot.x + 18;
    const top = Math.min(Math.max(spot.y - height / 2, 2), layout.height - height - 2);
    this.box.style.transform = `translate(${Math.max(Math.round(left), 2)}px, ${Math.round(top)}px)`;
  }
}
