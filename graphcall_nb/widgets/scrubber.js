// The slider of a recording. While it is held, time stands still. Where it is put, there the recording is sent: one
// message at a time, the next when the kernel has been there, so that a quick hand does not leave a slow kernel behind.

function render({ model, el }) {
  el.classList.add("gcr");
  const slider = make("input", "gcr-slider");
  const time = make("span", "gcr-time");
  slider.type = "range";
  slider.min = 0;
  slider.max = model.get("duration");
  slider.step = "any";
  slider.setAttribute("aria-label", "Time");
  slider.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own shortcuts would take the arrow keys
  let held = false;
  let asking = false;
  let wanted = null;

  const draw = () => {
    if (!held && !asking) slider.value = model.get("value");
    const text = `${lapsed(Number(slider.value))} of ${lapsed(model.get("duration"))}`;
    setText(time, text);
    setAttribute(slider, "aria-valuetext", text);
  };
  const ask = () => {
    if (asking || !wanted) return;
    asking = true;
    model.send({ kind: "seek", ...wanted });
    wanted = null;
  };
  const moved = () => {
    wanted = { to: Number(slider.value), held };
    ask();
    draw();
  };
  const hear = (message) => {
    if (message.kind !== "there") return;
    asking = false;
    ask();
    draw();
  };
  const hold = (holding) => {
    if (held === holding) return;
    held = holding;
    moved();
  };
  slider.addEventListener("input", moved);
  slider.addEventListener("pointerdown", (event) => {
    slider.setPointerCapture(event.pointerId);
    hold(true);
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) slider.addEventListener(end, () => hold(false));
  model.on("change:value", draw);
  model.on("msg:custom", hear);
  el.append(slider, time);
  draw();
  return () => {
    model.off("change:value", draw);
    model.off("msg:custom", hear);
  };
}

function lapsed(seconds) {
  const tenths = Math.round(seconds * 10);
  const rest = `${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  const minutes = Math.floor(tenths / 600);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

export default { render };
