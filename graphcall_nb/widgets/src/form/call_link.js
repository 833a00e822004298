// A link to a call: a cockpit or timeline on this page shows the call, else the link names a cell that does. The first
// notification of a call may arrive after the response that created it, so the views are asked several times.

import { createElement, setText } from "../common/dom.js";

const RETRY_INTERVAL_MS = 250;
const MAX_ATTEMPTS = 8;

function render({ model, el }) {
  const link = createElement("a", "", "Show this call");
  link.href = "#";
  const note = createElement("span", "gcf-note");
  note.setAttribute("role", "status");
  let timer;
  const showCall = (attempts) => {
    const call = model.get("call_id");
    const detail = { call, views: 0 }; // each view counts itself; the view that shows the call prevents the default
    const event = new CustomEvent("graphcall-nb:show-call", { detail, cancelable: true });
    const handled = !document.dispatchEvent(event);
    clearTimeout(timer);
    if (handled) setText(note, "");
    else if (detail.views && attempts > 1) {
      setText(note, " Waiting for its first notification …");
      timer = setTimeout(() => showCall(attempts - 1), RETRY_INTERVAL_MS);
    } else setText(note, ` No cockpit or timeline on this page shows this call. In a cell: session.call("${call}")`);
  };
  const onClick = (event) => {
    event.preventDefault();
    event.stopPropagation(); // front ends handle links themselves
    showCall(MAX_ATTEMPTS);
  };
  const clearNote = () => setText(note, "");
  link.addEventListener("click", onClick);
  model.on("change:call_id", clearNote);
  el.append(link, note);
  return () => {
    clearTimeout(timer);
    model.off("change:call_id", clearNote);
  };
}

export default { render };
