// Text with a button that copies it. The text is set as text, never as HTML.

function render({ model, el }) {
  el.classList.add("gc-copyblock");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "gc-copy";
  const block = document.createElement("pre");
  block.className = "gc-code";
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  const note = document.createElement("span");
  note.className = "gc-copied";
  note.setAttribute("role", "status");

  function draw() {
    block.textContent = model.get("text");
    block.setAttribute("aria-label", model.get("label"));
    button.textContent = "Copy";
    note.textContent = "";
  }
  button.addEventListener("click", async () => {
    try {
      await copyText(block);
      note.textContent = "Copied";
    } catch {
      note.textContent = "The browser refused; select the text and copy it by hand.";
    }
  });
  model.on("change:text", draw);
  model.on("change:label", draw);
  const bar = document.createElement("div");
  bar.className = "gc-copybar";
  bar.append(button, note);
  el.append(bar, block);
  draw();
}

export default { render };
