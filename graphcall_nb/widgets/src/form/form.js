// What the browser does for a whole form; a widget without visible content inside the form's box.

import { whenAttached } from "../common/parent.js";
import { blockShortcuts, ignoreRepeats, keepPresses } from "../common/shortcuts.js";
import { RevisionGuard } from "./revision_guard.js";
import { manageRowFocus } from "./row_focus.js";

const MODEL_PREFIX = "IPY_MODEL_";

// Guards the controls that the kernel lists, and those that it adds later.
function initialize({ model }) {
  const guard = new RevisionGuard((revision) => model.send({ kind: "input", revision }));
  const guardControls = async () => {
    for (const reference of model.get("controls")) {
      const control = await model.widget_manager.get_model(reference.slice(MODEL_PREFIX.length));
      guard.guard(control, control.get("_model_name") === "DropdownModel" ? "index" : "value");
    }
  };
  model.on("change:controls", guardControls);
  model.on("msg:custom", (message) => {
    if (message.kind === "input") guard.onEcho(message.revision);
  });
  guardControls();
}

function render({ el }) {
  const stop = new AbortController();
  el.style.display = "none";
  whenAttached(el, stop.signal, (form) => {
    blockShortcuts(form, stop.signal);
    keepPresses(form, stop.signal);
    ignoreRepeats(form, ".gcf-create", stop.signal);
    manageRowFocus(form, stop.signal);
  });
  return () => stop.abort();
}

export default { initialize, render };
