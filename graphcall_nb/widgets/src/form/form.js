// What the browser does for a whole form; a widget without visible content inside the form's box.

import { whenAttached } from "../common/parent.js";
import { blockShortcuts, ignoreRepeats, keepPresses } from "../common/shortcuts.js";
import { RevisionGuard } from "./revision_guard.js";
import { manageRowFocus } from "./row_focus.js";

const MODEL_PREFIX = "IPY_MODEL_";

// Guards the controls that the kernel lists, and those that it adds later.
function guardControls(model) {
  const guard = new RevisionGuard((revision) => model.send({ kind: "input", revision }));
  const guardListed = async () => {
    const ids = model.get("controls").map((reference) => reference.slice(MODEL_PREFIX.length));
    for (const control of await Promise.all(ids.map((id) => model.widget_manager.get_model(id)))) {
      guard.guard(control, control.get("_model_name") === "DropdownModel" ? "index" : "value");
    }
  };
  model.on("change:controls", guardListed);
  model.on("msg:custom", (message) => {
    if (message.kind === "input") guard.onEcho(message.revision);
  });
  return { guard, isReady: guardListed() };
}

// One guard per widget and page; all views of the widget share it.
export default () => {
  let guard;
  let isReady;
  return {
    initialize({ model }) {
      ({ guard, isReady } = guardControls(model));
    },
    render({ el }) {
      const stop = new AbortController();
      const { signal } = stop;
      el.style.display = "none";
      whenAttached(el, signal, (form) => {
        form.addEventListener("click", () => guard.sendWithheld(), { signal, capture: true });
        blockShortcuts(form, signal);
        keepPresses(form, signal);
        ignoreRepeats(form, ".gcf-create", signal);
        manageRowFocus(form, signal);
        isReady.then(() => form.classList.add("gcf-ready"));
      });
      return () => stop.abort();
    },
  };
};
