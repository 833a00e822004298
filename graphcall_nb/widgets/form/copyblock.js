// Text with a button that copies it. The text is set as text, never as HTML.

async function copy(text, source) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Plain http to another machine: browsers keep the clipboard to themselves, but still copy a selection.
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  if (!document.execCommand("copy")) throw new Error("refused");
}

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
      await copy(block.textContent, block);
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
