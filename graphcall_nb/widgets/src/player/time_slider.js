// The slider of a recording. While the user holds it, time stands still. The recording is moved one request at a time, so
// that a fast user does not leave a slow kernel behind.

import { createElement, setAttribute, setText } from "../common/dom.js";
import { formatPosition } from "../common/format.js";

function render({ model, el }) {
  el.classList.add("gc", "gcp");
  const slider = createElement("input", "gcp-slider");
  slider.type = "range";
  slider.min = 0;
  slider.max = model.get("duration");
  slider.step = "any";
  slider.setAttribute("aria-label", "Time");
  slider.dataset.lmSuppressShortcuts = "true"; // JupyterLab's shortcuts would take the arrow keys
  const time = createElement("span", "gcp-time");
  let held = false;
  let waiting = false; // for the answer to a request
  let next = null; // the request to send after it

  const update = () => {
    if (!held && !waiting) slider.value = model.get("value");
    const text = `${formatPosition(Number(slider.value))} of ${formatPosition(model.get("duration"))}`;
    setText(time, text);
    setAttribute(slider, "aria-valuetext", text);
  };
  const sendNext = () => {
    if (waiting || !next) return;
    waiting = true;
    model.send({ kind: "seek", ...next });
    next = null;
  };
  const onInput = () => {
    next = { to: Number(slider.value), held };
    sendNext();
    update();
  };
  const onMessage = (message) => {
    if (message.kind !== "there") return;
    waiting = false;
    sendNext();
    update();
  };
  const hold = (holding) => {
    if (held === holding) return;
    held = holding;
    onInput();
  };
  slider.addEventListener("input", onInput);
  slider.addEventListener("pointerdown", (event) => {
    slider.setPointerCapture(event.pointerId);
    hold(true);
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) slider.addEventListener(end, () => hold(false));
  model.on("change:value", update);
  model.on("msg:custom", onMessage);
  el.append(slider, time);
  update();
  return () => {
    model.off("change:value", update);
    model.off("msg:custom", onMessage);
  };
}

export default { render };
