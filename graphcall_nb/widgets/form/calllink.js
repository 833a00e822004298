// A link to a call: the live views of this page are asked to show it, else it is said which cell does. Where there are
// any, they are asked for a while: the first notification of a call may be slower than the answer that it was created.

const ASK_MS = 250;
const TRIES = 8;

function render({ model, el }) {
  const link = document.createElement("a");
  link.href = "#";
  link.textContent = "Show this call";
  const note = document.createElement("span");
  note.setAttribute("role", "status");
  note.className = "gc-note";
  let waiting;
  const show = (tries) => {
    const call = model.get("call_id");
    const detail = { call, views: 0 }; // each live view counts itself
    const ask = new CustomEvent("graphcall-nb:show-call", { detail, cancelable: true });
    const shown = !document.dispatchEvent(ask); // who shows it prevents the default
    clearTimeout(waiting);
    if (shown) note.textContent = "";
    else if (detail.views && tries > 1) {
      note.textContent = " Waiting for its first notification …";
      waiting = setTimeout(() => show(tries - 1), ASK_MS);
    } else note.textContent = ` No live view on this page has it. In a cell: session.call("${call}")`;
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation(); // front ends follow links in ways of their own
    show(TRIES);
  });
  model.on("change:call_id", () => (note.textContent = ""));
  el.append(link, note);
}

export default { render };
