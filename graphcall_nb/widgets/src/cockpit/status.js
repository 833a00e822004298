// The bar at the top of a cockpit: title, listener, tunnel, and the buttons that do not belong to a call.

import { createButton, createElement, setAttribute, setText } from "../common/dom.js";
import { formatClock, formatCount, formatDuration, HOUR, SECOND } from "../common/format.js";
import { whenAttached } from "../common/parent.js";
import { blockShortcuts, ignoreRepeats, keepPresses } from "../common/shortcuts.js";
import { explainDisabled, isDisabled, setDisabled } from "./disabled.js";

const NOTICE_MS = 15 * SECOND;
const TRAITS = ["facts", "opened", "notice"];
const REQUEST_BUTTONS = ".gcf-create, .gcc-row button, .gcc-action";
const TUNNEL_MARKS = { none: "none", open: "good", closed: "off" };

class StatusView {
  constructor(model, root) {
    this.model = model;
    this.stop = new AbortController();
    this.root = createElement("section", "gc gcc gcc-status");
    this.root.setAttribute("aria-label", "Session");
    this.root.dataset.lmSuppressShortcuts = "true";
    this.build();
    root.append(this.root);
    this.onChange = () => this.render();
    this.onDisconnect = () => {
      this.disconnected = true;
      this.render();
    };
    for (const name of TRAITS) model.on(`change:${name}`, this.onChange);
    model.on("comm_live_update", this.onDisconnect);
    this.timer = setInterval(() => this.renderListener(), SECOND);
    this.render();
    // For the whole cockpit, which is the parent of this view.
    const { signal } = this.stop;
    whenAttached(root, signal, (cockpit) => {
      blockShortcuts(cockpit, signal);
      keepPresses(cockpit, signal);
      ignoreRepeats(cockpit, REQUEST_BUTTONS, signal);
    });
  }

  build() {
    this.title = createElement("h2", "gcc-heading");
    this.badge = createElement("span", "gc-badge gc-simulated", "SIMULATED");
    this.version = createElement("span", "gc-badge");
    const head = createElement("div", "gcc-status-head");
    head.append(this.title, this.badge, this.version);
    this.listener = createChip("gcc-listener");
    this.tunnel = createChip("gcc-tunnel");
    const chips = createElement("div", "gcc-chips");
    chips.append(this.listener.box, this.tunnel.box);
    this.form = createButton("gcc-toggle", "New call", { onClick: () => this.toggle("form") });
    this.ring = createButton("gcc-ring", "Ring the bot", {
      onClick: () => isDisabled(this.ring) || this.model.send({ kind: "ring" }),
    });
    this.doctor = createButton("gcc-toggle", "Doctor", { onClick: () => this.toggle("doctor") });
    const tools = createElement("div", "gc-tools");
    tools.append(this.form, this.ring, this.doctor);
    this.notice = createElement("div", "gcc-outcome gcc-notice");
    this.notice.setAttribute("role", "status");
    const bar = createElement("div", "gc-bar");
    bar.append(head, tools, chips);
    this.root.append(bar, this.notice);
    explainDisabled(this.root);
  }

  toggle(name) {
    const opened = this.model.get("opened");
    const isOpen = opened.includes(name);
    this.model.set("opened", isOpen ? opened.filter((other) => other !== name) : [...opened, name]);
    this.model.save_changes();
  }

  render() {
    const facts = this.model.get("facts");
    const opened = this.model.get("opened");
    this.clockSkew = Math.min(this.clockSkew ?? Infinity, Date.now() - facts.now);
    const live = facts.live && !this.disconnected;
    setText(this.title, facts.title);
    this.title.hidden = !facts.title; // the page has a title of its own
    this.badge.hidden = !facts.simulated;
    setText(this.version, facts.version);
    this.renderListener();
    this.tunnel.box.dataset.state = live ? (TUNNEL_MARKS[facts.tunnel.state] ?? "bad") : "off";
    setText(this.tunnel.text, facts.tunnel.text);
    setText(this.tunnel.more, facts.tunnel.reason && ` · ${facts.tunnel.reason}`);
    setAttribute(this.form, "aria-expanded", String(opened.includes("form")));
    setAttribute(this.doctor, "aria-expanded", String(opened.includes("doctor")));
    this.form.hidden = Boolean(facts.readOnly);
    this.ring.hidden = !facts.ring;
    this.doctor.hidden = !facts.doctor;
    const reason = this.disconnected ? "The kernel is not connected." : "The session is closed.";
    setDisabled(this.ring, live ? null : reason);
    this.renderNotice(this.model.get("notice"));
  }

  // A success message disappears after a while.
  renderNotice(notice) {
    if (this.shownNotice === notice) return;
    this.shownNotice = notice;
    setText(this.notice, notice.text ?? "");
    this.notice.dataset.kind = notice.kind ?? "";
    clearTimeout(this.noticeTimer);
    if (notice.kind === "done") this.noticeTimer = setTimeout(() => setText(this.notice, ""), NOTICE_MS);
  }

  renderListener() {
    const facts = this.model.get("facts");
    const live = facts.live && !this.disconnected;
    const present = Date.now() - this.clockSkew;
    const { mark, text, more } = describeListener(facts, { live, disconnected: this.disconnected, now: present });
    this.listener.box.dataset.state = mark;
    setText(this.listener.text, text);
    setText(this.listener.more, more);
  }

  remove() {
    this.stop.abort();
    clearInterval(this.timer);
    clearTimeout(this.noticeTimer);
    for (const name of TRAITS) this.model.off(`change:${name}`, this.onChange);
    this.model.off("comm_live_update", this.onDisconnect);
    this.root.remove();
  }
}

function createChip(css) {
  const box = createElement("span", `gcc-chip ${css}`);
  const text = createElement("span");
  const more = createElement("span", "gcc-chip-more");
  box.append(createElement("span", "gcc-dot"), text, more);
  return { box, text, more };
}

function describeListener(facts, { live, disconnected, now }) {
  if (facts.readOnly && live) return { mark: "none", text: "Read-only: the listener is off", more: "" };
  const status = live ? "Listening" : disconnected ? "Not connected" : "Session closed";
  const refused = facts.refused.reduce((sum, [, count]) => sum + count, 0);
  const byStatus = facts.refused.map(([code, count]) => `${code} × ${formatCount(count)}`).join(", ");
  const refusals = refused ? `${formatCount(refused)} refused (${byStatus})` : "none refused";
  return {
    mark: live ? (refused ? "warn" : "good") : "off",
    text: `${status} · ${formatCount(facts.accepted)} received`,
    more: ` · ${describeLast(facts.last, live, now)} · ${refusals}`,
  };
}

// When the last notification was received.
function describeLast(last, live, now) {
  if (last === null) return "nothing yet";
  const age = now - last;
  if (!live || age >= HOUR) return `last at ${formatClock(last)}`;
  return age < 2 * SECOND ? "last just now" : `last ${formatDuration(age, true)} ago`;
}

export default {
  render({ model, el }) {
    const view = new StatusView(model, el);
    return () => view.remove();
  },
};
