// A link to a call, shown while a cockpit or timeline on this page can show the call; otherwise a note names a cell that
// does. The first notification of a call may arrive after the response that created it, so the views are asked several
// times.

import { createElement, setText } from "../common/dom.js";
import { VIEWS_CHANGED } from "../common/views.js";

const RETRY_INTERVAL_MS = 250;
const MAX_ATTEMPTS = 8;

// Each view counts itself; the view that shows the call prevents the default. A question shows nothing.
function askViews(call, isQuestion = false) {
  const detail = { call, views: 0, isQuestion };
  const event = new CustomEvent("graphcall-nb:show-call", { detail, cancelable: true });
  return { isShown: !document.dispatchEvent(event), views: detail.views };
}

function render({ model, el }) {
  const link = createElement("a", "", "Show this call");
  link.href = "#";
  const note = createElement("span", "gcf-note");
  note.setAttribute("role", "status");
  let timer;
  const update = () => {
    clearTimeout(timer);
    const call = model.get("call_id");
    link.hidden = !call || !askViews(call, true).views;
    setText(note, call && link.hidden ? `To follow it in a cell: session.call("${call}")` : "");
  };
  const showCall = (attempts) => {
    const call = model.get("call_id");
    const { isShown, views } = askViews(call);
    clearTimeout(timer);
    if (isShown) setText(note, "");
    else if (views && attempts > 1) {
      setText(note, " Waiting for its first notification …");
      timer = setTimeout(() => showCall(attempts - 1), RETRY_INTERVAL_MS);
    } else setText(note, ` No cockpit or timeline on this page shows this call. In a cell: session.call("${call}")`);
  };
  const onClick = (event) => {
    event.preventDefault();
    event.stopPropagation(); // front ends handle links themselves
    showCall(MAX_ATTEMPTS);
  };
  link.addEventListener("click", onClick);
  model.on("change:call_id", update);
  document.addEventListener(VIEWS_CHANGED, update);
  el.append(link, note);
  update();
  return () => {
    clearTimeout(timer);
    model.off("change:call_id", update);
    document.removeEventListener(VIEWS_CHANGED, update);
  };
}

export default { render };
