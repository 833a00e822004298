// One of a few, as buttons that say which of them is pressed.

function render({ model, el }) {
  el.setAttribute("role", "group");
  const buttons = model.get("options").map((option, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = option;
    button.title = model.get("tooltips")[index] ?? "";
    button.addEventListener("click", () => {
      model.set("value", option);
      model.save_changes();
    });
    return button;
  });
  const draw = () => {
    el.setAttribute("aria-label", model.get("label"));
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === model.get("value")));
  };
  model.on("change:value change:label", draw);
  el.append(...buttons);
  draw();
}

export default { render };
