import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { RevisionGuard } from "./revision_guard.js";

// A model that calls its listeners as Backbone does.
class Model {
  constructor(value) {
    this.attributes = { value };
    this.listeners = [];
  }

  on(name, listener) {
    if (name === "change:value") this.listeners.push(listener);
  }

  get(name) {
    return this.attributes[name];
  }

  previous(name) {
    return this.before[name];
  }

  set(name, value, options = {}) {
    if (this.attributes[name] === value) return;
    if (!this.changing) this.before = { ...this.attributes };
    this.attributes[name] = value;
    this.changing = true;
    for (const listener of this.listeners) listener(this, value, options);
    this.changing = false;
    if (options.updated_view && !this.isWithholding) this.send_sync_message({ [name]: value });
  }

  send_sync_message(state) {
    sent.push(state);
  }

  rememberLastUpdateFor() {}
}

let guard;
let announced;
let sent;
let control;
const typed = (model, value) => model.set("value", value, { updated_view: {} });

beforeEach(() => {
  announced = [];
  sent = [];
  guard = new RevisionGuard((revision) => announced.push(revision));
  control = new Model("old");
  guard.guard(control, "value");
});

test("values of the kernel are accepted while the user does nothing", () => {
  control.set("value", "from the kernel");
  assert.equal(control.attributes.value, "from the kernel");
});

test("an answer to an older state does not overwrite the input", () => {
  typed(control, "typed");
  control.set("value", "late");
  assert.equal(control.attributes.value, "typed");
});

test("an answer to the input is accepted", () => {
  typed(control, "typed");
  guard.onEcho(announced.at(-1));
  control.set("value", "corrected");
  assert.equal(control.attributes.value, "corrected");
});

test("the echo of an earlier input is not enough", () => {
  typed(control, "t");
  typed(control, "ty");
  guard.onEcho(1);
  control.set("value", "late");
  assert.equal(control.attributes.value, "ty");
});

test("input into one control does not hold back the others", () => {
  const other = new Model("old");
  guard.guard(other, "value");
  typed(control, "typed");
  other.set("value", "new");
  assert.equal(other.attributes.value, "new");
});

test("a control is guarded once", () => {
  guard.guard(control, "value");
  typed(control, "typed");
  assert.deepEqual(announced, [1]);
});

test("an input that is withheld is kept although a later one was confirmed", () => {
  const other = new Model("old");
  guard.guard(other, "value");
  control.isWithholding = true;
  typed(control, "typed");
  typed(other, "later");
  guard.onEcho(announced.at(-1));
  control.set("value", "late");
  assert.equal(control.attributes.value, "typed");
});

test("withheld inputs are sent before a click, after their number", () => {
  Object.assign(control, { isWithholding: true, _msg_buffer: { value: "typed" }, _pending_msgs: 1 });
  typed(control, "typed");
  guard.sendWithheld();
  assert.deepEqual([announced, sent, control._msg_buffer], [[1], [{ value: "typed" }], null]);
});

test("inputs that the kernel may not have handled are listed, the oldest first", () => {
  const other = new Model("b");
  control.model_id = "1";
  other.model_id = "2";
  guard.guard(other, "value");
  typed(other, "typed first");
  typed(control, "typed last");
  assert.deepEqual(
    guard.listUnconfirmed().map(({ value }) => value),
    ["typed first", "typed last"],
  );
  guard.onEcho(1);
  assert.deepEqual(guard.listUnconfirmed(), [{ control: "1", name: "value", value: "typed last" }]);
});
