// The tooltip of a call: its name, id, state, start and duration.

import { createElement, createSwatch } from "../common/dom.js";
import { formatClockExact, formatDuration } from "../common/format.js";
import { Tooltip } from "../common/tooltip.js";

const POINTER_GAP_PX = 16;

// The name of the call, its state, and further lines.
export function describeSpot(store, { call, index }, now) {
  if (index < 0) return [call.name, "not started"];
  const state = store.states[call.states[index]].name;
  const start = call.starts[index];
  const isLast = index + 1 === call.states.length;
  const clock = formatClockExact(start + store.base);
  if (isLast && store.hasEnded(call)) {
    return [call.name, state, `at ${clock}`, `after ${formatDuration(start - call.starts[0])}`, call.result].filter(
      Boolean,
    );
  }
  const duration = formatDuration((isLast ? now : call.starts[index + 1]) - start);
  return [call.name, state, `from ${clock}`, isLast ? `for ${duration} so far` : `for ${duration}`];
}

export class CallTooltip extends Tooltip {
  showSpot(store, spot, now) {
    const [name, state, start, duration, result] = describeSpot(store, spot, now);
    const color = spot.index < 0 ? "transparent" : store.states[spot.call.states[spot.index]].color;
    const head = createElement("div", "gct-tip-state");
    head.append(createSwatch(color), createElement("span", "", [state, duration].filter(Boolean).join(" ")));
    const lines = [start, result].filter(Boolean).map((line) => createElement("div", "", line));
    const content = [
      createElement("div", "gct-tip-name", name),
      createElement("div", "gct-tip-id", spot.call.id),
      head,
      ...lines,
    ];
    // Beside the pointer, never under it.
    this.show(content, (size, room) => [
      spot.x + POINTER_GAP_PX + size.width > room.width
        ? spot.x - size.width - POINTER_GAP_PX
        : spot.x + POINTER_GAP_PX,
      Math.min(Math.max(spot.y - size.height / 2, 2), room.height - size.height - 2),
    ]);
  }
}
