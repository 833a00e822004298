// A choice of one option, as buttons of which one is pressed.

import { createButton, setAttribute } from "../common/dom.js";

function render({ model, el }) {
  el.setAttribute("role", "group");
  const buttons = model.get("options").map((option, index) => {
    const onClick = () => {
      model.set("value", option);
      model.save_changes();
    };
    return createButton("", option, { onClick, title: model.get("tooltips")[index] });
  });
  const update = () => {
    el.setAttribute("aria-label", model.get("label"));
    for (const button of buttons) {
      setAttribute(button, "aria-pressed", String(button.textContent === model.get("value")));
    }
  };
  model.on("change:value change:label", update);
  el.append(...buttons);
  update();
  return () => model.off("change:value change:label", update);
}

export default { render };
