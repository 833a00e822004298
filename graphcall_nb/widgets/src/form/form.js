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
  let create;
  // JupyterLab has the kernel handle messages of different widgets in different threads, so a click may overtake an
  // input. The request to create the call carries the inputs that may be on their way.
  const sendCall = (event) => {
    if (event.defaultPrevented || !event.target.closest?.("button.gcf-create, .gcf-create button")) return;
    event.stopPropagation();
    create(guard.listUnconfirmed());
  };
  return {
    initialize({ model }) {
      ({ guard, isReady } = guardControls(model));
      create = (inputs) => model.send({ kind: "create", inputs });
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
        form.addEventListener("click", sendCall, { signal, capture: true });
        manageRowFocus(form, signal);
        isReady.then(() => form.classList.add("gcf-ready"));
      });
      return () => stop.abort();
    },
  };
};
