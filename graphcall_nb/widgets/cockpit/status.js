// The bar at the top: title, badge, listener, tunnel, and the buttons that belong to no single call.

const NOTICE_MS = 15_000;

class StatusView {
  constructor(model, root) {
    this.model = model;
    this.root = make("section", "gcc gcc-status");
    this.root.setAttribute("aria-label", "Session");
    this.root.dataset.lmSuppressShortcuts = "true";
    this.build();
    root.append(this.root);
    this.redraw = () => this.draw();
    for (const name of ["facts", "opened", "notice"]) model.on(`change:${name}`, this.redraw);
    this.left = () => {
      this.gone = true;
      this.draw();
    };
    model.on("comm_live_update", this.left);
    this.heard();
    this.clock = setInterval(() => this.ago(), 1000);
    this.draw();
  }

  build() {
    this.title = make("h2", "gcc-heading");
    this.badge = make("span", "gcc-badge", "SIMULATED");
    this.version = make("span", "gcc-badge gcc-quiet");
    const head = make("div", "gcc-status-head");
    head.append(this.title, this.badge, this.version);
    this.listener = this.chip("gcc-listener");
    this.tunnel = this.chip("gcc-tunnel");
    const chips = make("div", "gcc-chips");
    chips.append(this.listener.box, this.tunnel.box);
    this.form = button("gcc-toggle", "New call", () => this.toggle("form"));
    this.ring = button("gcc-ring", "Ring the bot", () => this.model.send({ kind: "ring" }));
    this.doctor = button("gcc-toggle", "Doctor", () => this.toggle("doctor"));
    const tools = make("div", "gcc-tools");
    tools.append(this.form, this.ring, this.doctor);
    this.notice = make("div", "gcc-outcome gcc-notice");
    this.notice.setAttribute("role", "status");
    const bar = make("div", "gcc-bar");
    bar.append(head, chips, tools);
    this.root.append(bar, this.notice);
    this.tip = new Tip(this.root);
  }

  chip(css) {
    const box = make("span", `gcc-chip ${css}`);
    const words = make("span");
    const more = make("span", "gcc-chip-more");
    box.append(make("span", "gcc-dot"), words, more);
    return { box, words, more };
  }

  toggle(name) {
    const opened = this.model.get("opened");
    this.model.set("opened", opened.includes(name) ? opened.filter((one) => one !== name) : [...opened, name]);
    this.model.save_changes();
  }

  heard() {
    const { now } = this.model.get("facts");
    this.skew = Math.min(this.skew ?? Infinity, Date.now() - now);
  }

  draw() {
    const facts = this.model.get("facts");
    const opened = this.model.get("opened");
    const notice = this.model.get("notice");
    this.heard();
    const live = facts.live && !this.gone;
    setText(this.title, facts.title);
    this.badge.hidden = !facts.simulated;
    setText(this.version, facts.version);
    this.drawListener(facts, live);
    this.tunnel.box.dataset.state = !live ? "off" : { none: "none", open: "good", closed: "off" }[facts.tunnel.state] ?? "bad";
    setText(this.tunnel.words, facts.tunnel.text);
    setText(this.tunnel.more, facts.tunnel.reason && ` · ${facts.tunnel.reason}`);
    setAttribute(this.form, "aria-expanded", String(opened.includes("form")));
    setAttribute(this.doctor, "aria-expanded", String(opened.includes("doctor")));
    this.ring.hidden = !facts.ring;
    this.doctor.hidden = !facts.doctor;
    Tip.set(this.ring, live ? null : this.gone ? "The kernel is not connected." : "The session is closed.");
    this.drawNotice(notice);
  }

  // Good news is old after a while.
  drawNotice(notice) {
    if (this.noticed === notice) return;
    this.noticed = notice;
    setText(this.notice, notice.text ?? "");
    this.notice.dataset.kind = notice.kind ?? "";
    clearTimeout(this.fading);
    if (notice.kind === "done") this.fading = setTimeout(() => setText(this.notice, ""), NOTICE_MS);
  }

  drawListener(facts, live) {
    if (facts.replay && live) {
      this.listener.box.dataset.state = "none";
      setText(this.listener.words, "Replay: nothing comes in");
      setText(this.listener.more, "");
      return;
    }
    const words = live ? "Listening" : this.gone ? "Not connected" : "Session closed";
    setText(this.listener.words, `${words} · ${grouped(facts.accepted)} received`);
    const refused = facts.refused.map(([status, count]) => `${status} × ${grouped(count)}`).join(", ");
    const total = facts.refused.reduce((sum, [, count]) => sum + count, 0);
    this.refused = total ? ` · ${grouped(total)} refused (${refused})` : " · none refused";
    this.listener.box.dataset.state = !live ? "off" : total ? "warn" : "good";
    this.ago();
  }

  ago() {
    const { last, live, replay } = this.model.get("facts");
    if (replay && live) return;
    const ms = last === null ? null : Math.max(Date.now() - this.skew - last, 0);
    const text = ms === null ? "nothing yet" : live && !this.gone && ms < 3600e3 ? `last ${agoText(ms)}` : `last at ${clockText(last)}`;
    setText(this.listener.more, ` · ${text}${this.refused ?? ""}`);
  }

  remove() {
    clearInterval(this.clock);
    clearTimeout(this.fading);
    for (const name of ["facts", "opened", "notice"]) this.model.off(`change:${name}`, this.redraw);
    this.model.off("comm_live_update", this.left);
    this.root.remove();
  }
}

// Whole seconds: tenths would flicker.
function agoText(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 2) return "just now";
  return seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`;
}

export default {
  render({ model, el }) {
    const view = new StatusView(model, el);
    return () => view.remove();
  },
};
