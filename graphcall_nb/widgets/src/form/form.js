// What the browser does for a whole form; a widget without visible content inside the form's box.

import { setAttribute } from "../common/dom.js";
import { whenAttached } from "../common/parent.js";
import { blockShortcuts, ignoreRepeats, keepPresses } from "../common/shortcuts.js";
import { RevisionGuard } from "./revision_guard.js";
import { manageRowFocus } from "./row_focus.js";

const MODEL_PREFIX = "IPY_MODEL_";
const HOLD_INTERVAL_MS = 20;

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
  let create;
  const held = new Set();
  // JupyterLab has the kernel handle messages of different widgets in different threads, so a click may overtake an
  // input. The request to create the call carries the inputs that may be on their way.
  const sendCall = (event) => {
    if (event.defaultPrevented || !event.target.closest?.("button.gcf-create, .gcf-create button")) return;
    event.stopImmediatePropagation();
    create(guard.listUnconfirmed());
  };
  // Every other button waits until the kernel has handled the inputs.
  const holdPress = (event) => {
    const button = event.target.closest?.("button.jupyter-button");
    if (!button || event.defaultPrevented || guard.isSettled) return;
    event.preventDefault();
    event.stopPropagation();
    if (held.has(button)) return;
    held.add(button);
    const release = () => {
      if (!guard.isSettled) return setTimeout(release, HOLD_INTERVAL_MS);
      held.delete(button);
      button.click();
    };
    setTimeout(release, HOLD_INTERVAL_MS);
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
        form.addEventListener("click", holdPress, { signal, capture: true });
        explainCutTexts(form, signal);
        manageRowFocus(form, signal);
        isReady.then(() => form.classList.add("gcf-ready"));
      });
      return () => stop.abort();
    },
  };
};
