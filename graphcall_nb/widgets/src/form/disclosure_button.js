// A heading that shows and hides the content below it, and reports its state to screen readers.

import { createButton, setAttribute, setText } from "../common/dom.js";

function render({ model, el }) {
  const onClick = () => {
    model.set("value", !model.get("value"), { updated_view: true }); // an input of the user, as ipywidgets marks it
    model.save_changes();
  };
  const button = createButton("", "", { onClick });
  const update = () => {
    setText(button, model.get("description"));
    setAttribute(button, "title", model.get("description")); // a long one is cut
    setAttribute(button, "aria-expanded", String(model.get("value")));
  };
  model.on("change:description change:value", update);
  el.append(button);
  update();
  return () => model.off("change:description change:value", update);
}

export default { render };
