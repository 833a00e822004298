// The input fields of an action, as a small form below its button.

import { createButton, createElement, createId, setAttribute, setText } from "../common/dom.js";

export class ActionFields {
  // callbacks: { send(values), cancel() }
  constructor(action, callbacks) {
    this.action = action;
    this.form = createElement("form", "gcc-fields");
    this.form.setAttribute("aria-label", action.label);
    this.form.noValidate = true;
    this.inputs = action.fields.map((field) => this.addField(field));
    const send = createButton("gc-primary", action.label);
    send.type = "submit";
    const buttons = createElement("div", "gcc-buttons");
    buttons.append(send, createButton("", "Cancel", { onClick: callbacks.cancel }));
    this.form.append(buttons);
    // JupyterLab prevents the browser from submitting a form by Enter.
    this.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.check()) callbacks.send(this.values());
    });
  }

  addField(field) {
    const box = createElement("div", `gcc-field gcc-kind-${field.kind}`);
    const label = createElement("label", "", field.label);
    const input = field.choices.length ? createSelect(field) : createInput(field);
    input.id = label.htmlFor = createId("field");
    input.name = field.name;
    const problem = createElement("span", "gcc-problem");
    problem.id = `${input.id}-problem`;
    input.setAttribute("aria-describedby", problem.id);
    if (field.required) input.setAttribute("aria-required", "true");
    const entry = { field, input, problem };
    input.addEventListener("input", () => showProblem(entry, ""));
    box.append(...(field.kind === "flag" ? [input, label] : [label, input]), problem);
    this.form.append(box);
    return entry;
  }

  // The kernel checks all values again; this saves a round trip.
  check() {
    const missing = this.inputs.filter(({ field, input }) => field.required && !input.value.trim());
    for (const entry of this.inputs) {
      showProblem(entry, missing.includes(entry) ? `${entry.field.label} is missing.` : "");
    }
    missing[0]?.input.focus();
    return !missing.length;
  }

  values() {
    const read = ({ field, input }) => (field.kind === "flag" ? (input.checked ? "yes" : "") : input.value);
    return Object.fromEntries(this.inputs.map((entry) => [entry.field.name, read(entry)]));
  }

  focus() {
    this.inputs[0]?.input.focus();
  }
}

function createSelect(field) {
  const select = createElement("select", "gcc-input");
  select.append(...field.choices.map((choice) => createElement("option", "", choice)));
  select.value = field.value || field.choices[0];
  return select;
}

function createInput(field) {
  const isFlag = field.kind === "flag";
  const input = createElement("input", isFlag ? "" : "gcc-input");
  input.type = isFlag ? "checkbox" : "text";
  if (isFlag) input.checked = Boolean(field.value);
  else input.value = field.value;
  if (field.kind === "number") input.inputMode = "numeric";
  if (field.hint) input.placeholder = field.hint;
  input.spellcheck = false;
  input.autocomplete = "off";
  return input;
}

function showProblem({ input, problem }, text) {
  setText(problem, text);
  setAttribute(input, "aria-invalid", text ? "true" : null);
}
