// What the browser does for a whole form; a widget without visible content inside the form's box.

import { setAttribute } from "../common/dom.js";
import { whenAttached } from "../common/parent.js";
import { blockShortcuts, ignoreRepeats, keepPresses } from "../common/shortcuts.js";
import { RevisionGuard } from "./revision_guard.js";
import { manageRowFocus } from "./row_focus.js";

const MODEL_PREFIX = "IPY_MODEL_";
// The buttons whose requests bring the inputs, by the kind of their message.
const REQUESTS = { create: "button.gcf-create, .gcf-create button", fill: "button.gcf-paste-use" };

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

// Shows the whole text of a field on hover when the field is too narrow for it.
function explainCutTexts(form, signal) {
  const onEnter = ({ target }) => {
    if (!target.matches?.("input[type=text]")) return;
    setAttribute(target, "title", target.scrollWidth > target.clientWidth ? target.value : null);
  };
  form.addEventListener("pointerover", onEnter, { signal });
}

// One guard per widget and page; all views of the widget share it.
export default () => {
  let guard;
  let isReady;
  let request;
  // JupyterLab has the kernel handle messages of different widgets in different threads, so a click may overtake an
  // input. A request to create the call, or to fill the form, carries the inputs that may be on their way.
  const sendRequest = (event) => {
    const kind = Object.keys(REQUESTS).find((name) => event.target.closest?.(REQUESTS[name]));
    if (event.defaultPrevented || !kind) return;
    event.stopPropagation();
    request(kind, guard.listUnconfirmed());
  };
  return {
    initialize({ model }) {
      ({ guard, isReady } = guardControls(model));
      request = (kind, inputs) => model.send({ kind, inputs });
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
        form.addEventListener("click", sendRequest, { signal, capture: true });
        explainCutTexts(form, signal);
        manageRowFocus(form, signal);
        isReady.then(() => form.classList.add("gcf-ready"));
      });
      return () => stop.abort();
    },
  };
};
