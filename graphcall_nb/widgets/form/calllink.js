// A link to a call: the live views of this page are asked to show it, else it is said which cell does. They are asked
// for a while, since the first notification of a call may be slower than the answer that it was created.

const ASK_MS = 250;
const TRIES = 8;

function render({ model, el }) {
  const link = document.createElement("a");
  link.href = "#";
  link.textContent = "Show this call";
  const note = document.createElement("span");
  note.setAttribute("role", "status");
  note.className = "gc-note";
  const show = (tries) => {
    const call = model.get("call_id");
    const ask = new CustomEvent("graphcall-nb:show-call", { detail: { call }, cancelable: true });
    const shown = !document.dispatchEvent(ask); // who shows it prevents the default
    if (shown) note.textContent = "";
    else if (tries > 1) setTimeout(() => show(tries - 1), ASK_MS);
    else note.textContent = ` No live view on this page has it. In a cell: session.call("${call}")`;
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
