// Text in a monospace font with a button that copies it.

import { copyText } from "../common/clipboard.js";
import { createButton, createElement, setText } from "../common/dom.js";

function render({ model, el }) {
  el.classList.add("gcf-copyblock");
  const block = createElement("pre", "gcf-code");
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  const note = createElement("span", "gcf-copied");
  note.setAttribute("role", "status");
  const onClick = async () => {
    const copied = await copyText(block);
    setText(note, copied ? "Copied" : "The browser refused; select the text and copy it by hand.");
  };
  const update = () => {
    setText(block, model.get("text"));
    block.setAttribute("aria-label", model.get("label"));
    setText(note, "");
  };
  model.on("change:text change:label", update);
  const bar = createElement("div", "gcf-copybar");
  bar.append(createButton("gcf-copy", "Copy", { onClick }), note);
  el.append(bar, block);
  update();
  return () => model.off("change:text change:label", update);
}

export default { render };
