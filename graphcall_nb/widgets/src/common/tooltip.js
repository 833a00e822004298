// A bubble above the content of its root element.

import { createElement, createId } from "./dom.js";

const EDGE_PX = 4;

export class Tooltip {
  constructor(root, css = "") {
    this.root = root;
    this.box = createElement("div", `gc-tip ${css}`.trim());
    this.box.setAttribute("role", "tooltip");
    this.box.id = createId("tip");
    this.box.hidden = true;
    root.append(this.box);
  }

  get hidden() {
    return this.box.hidden;
  }

  hide() {
    this.box.hidden = true;
  }

  // `place` gets the size of the bubble and of the root and returns [left, top].
  show(content, place) {
    this.box.replaceChildren(...content);
    this.box.hidden = false;
    const room = { width: this.root.clientWidth, height: this.root.clientHeight };
    const [left, top] = place({ width: this.box.offsetWidth, height: this.box.offsetHeight }, room);
    const x = Math.max(Math.min(left, room.width - this.box.offsetWidth - EDGE_PX), EDGE_PX);
    this.box.style.transform = `translate(${Math.round(x)}px, ${Math.round(top)}px)`;
  }
}
