// A heading that opens and closes what is below it, and says so to screen readers.

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  const draw = () => {
    button.textContent = model.get("description");
    button.setAttribute("aria-expanded", String(model.get("value")));
  };
  button.addEventListener("click", () => {
    model.set("value", !model.get("value"));
    model.save_changes();
  });
  model.on("change:description change:value", draw);
  el.append(button);
  draw();
}

export default { render };
