// What an action needs to know, as a small form under the buttons.

class Fields {
  // acts: { send(values), cancel() }
  constructor(action, acts) {
    this.action = action;
    this.form = make("form", "gcc-fields");
    this.form.setAttribute("aria-label", action.label);
    this.form.noValidate = true;
    this.inputs = action.fields.map((field) => this.field(field));
    const send = button("gcc-main", action.label);
    send.type = "submit";
    const row = make("div", "gcc-buttons");
    row.append(send, button("", "Cancel", acts.cancel));
    this.form.append(row);
    // JupyterLab keeps the browser from sending a form by Enter.
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.check()) acts.send(this.values());
    });
  }

  field(field) {
    const id = makeId("field");
    const box = make("div", `gcc-field gcc-kind-${field.kind}`);
    const label = make("label", "", field.label + (field.required || field.kind !== "text" ? "" : " (if any)"));
    label.htmlFor = id;
    const input = field.choices.length ? this.select(field) : this.input(field);
    input.id = id;
    input.name = field.name;
    const problem = make("span", "gcc-problem");
    problem.id = `${id}-problem`;
    input.setAttribute("aria-describedby", problem.id);
    if (field.required) input.setAttribute("aria-required", "true");
    input.addEventListener("input", () => this.complain({ input, problem }, ""));
    box.append(...(field.kind === "flag" ? [input, label] : [label, input]), problem);
    this.form.append(box);
    return { field, input, problem };
  }

  select(field) {
    const select = make("select", "gcc-input");
    for (const choice of field.choices) select.append(make("option", "", choice));
    select.value = field.value || field.choices[0];
    return select;
  }

  input(field) {
    const input = make("input", field.kind === "flag" ? "" : "gcc-input");
    input.type = field.kind === "flag" ? "checkbox" : "text";
    if (field.kind === "flag") input.checked = Boolean(field.value);
    else input.value = field.value;
    if (field.kind === "number") input.inputMode = "numeric";
    if (field.hint) input.placeholder = field.hint;
    input.spellcheck = false;
    input.autocomplete = "off";
    return input;
  }

  complain({ input, problem }, text) {
    setText(problem, text);
    setAttribute(input, "aria-invalid", text ? "true" : null);
  }

  // The kernel looks at everything again; this only saves a way.
  check() {
    const missing = this.inputs.filter(({ field, input }) => field.required && !input.value.trim());
    for (const one of this.inputs) this.complain(one, missing.includes(one) ? `${one.field.label} is missing.` : "");
    missing[0]?.input.focus();
    return !missing.length;
  }

  values() {
    const value = ({ field, input }) => (field.kind === "flag" ? (input.checked ? "yes" : "") : input.value);
    return Object.fromEntries(this.inputs.map((one) => [one.field.name, value(one)]));
  }

  focus() {
    this.inputs[0]?.input.focus();
  }
}
