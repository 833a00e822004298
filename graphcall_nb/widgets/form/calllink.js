// A link to a call: the live views of this page are asked to show it, else it is said which cell does.

function render({ model, el }) {
  const link = document.createElement("a");
  link.href = "#";
  link.textContent = "Show this call";
  const note = document.createElement("span");
  note.setAttribute("role", "status");
  note.className = "gc-note";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation(); // front ends follow links in ways of their own
    const call = model.get("call_id");
    const ask = new CustomEvent("graphcall-nb:show-call", { detail: { call }, cancelable: true });
    const shown = !document.dispatchEvent(ask); // who shows it prevents the default
    note.textContent = shown ? "" : ` No live view on this page has it. In a cell: session.call("${call}")`;
  });
  model.on("change:call_id", () => (note.textContent = ""));
  el.append(link, note);
}

export default { render };
