// What can be asked of a call: which actions are at hand, why one is greyed, and what was asked but not answered yet.

const HANG_UP = "hang_up";

class Actions {
  constructor(link, setup) {
    this.link = link;
    this.all = setup.actions;
    this.reasons = setup.reasons;
    this.asked = new Map(); // key of a call -> what was asked, until the kernel says something
  }

  find(name) {
    return this.all.find((action) => action.name === name);
  }

  // There is room for two: those that only this state allows, else hanging up, greyed where it is too late.
  quick(row) {
    const quick = this.all.filter((action) => action.quick);
    const reasons = this.reasons[row.state];
    const special = quick.filter(({ name }) => name !== HANG_UP && reasons && !reasons[name]);
    return special.length ? special : quick.filter(({ name }) => name === HANG_UP);
  }

  // What is said beside a call: of the kernel, or that it was asked and has not said anything yet.
  outcomeOf(row) {
    const asked = this.asked.get(row.key);
    return asked ? { kind: "busy", text: asked } : row.outcome;
  }

  whyNot(row, action) {
    if (!this.link.open) return this.link.connected ? "The session is closed." : "The kernel is not connected.";
    const outcome = this.outcomeOf(row);
    if (outcome?.kind === "busy") return outcome.text;
    return this.reasons[row.state]?.[action.name] ?? null;
  }

  // False when the kernel cannot be asked.
  ask(row, action, values) {
    const sent = this.link.send({ kind: "act", call: row.id, action: action.name, values });
    if (sent) this.asked.set(row.key, `${action.label} …`);
    return sent;
  }

  answered(row) {
    this.asked.delete(row.key);
  }
}
