// Keeps the user's input from being overwritten by an answer of the kernel to an older state of the form.
//
// Each input gets a revision number when it leaves, which is announced to the kernel before the new value. The kernel
// echoes the number when it receives it, so that all its answers to older revisions arrive before the echo. Until then,
// values that the kernel sets on this control are dropped.
//
// ipywidgets withholds the second change of a control until the kernel has handled the first one. A click on a button
// would overtake it and send a call without the last characters, so sendWithheld() comes before a click.

export class RevisionGuard {
  // announce(revision) sends the number to the kernel.
  constructor(announce) {
    this.announce = announce;
    this.revision = 0;
    this.confirmed = 0;
    this.guarded = new Map();
  }

  onEcho(revision) {
    this.confirmed = Math.max(this.confirmed, revision);
  }

  // Guards an attribute of a control's model.
  guard(model, name) {
    if (this.guarded.has(model)) return;
    let latest = 0; // revision of the user's last input into this control; infinite until it leaves
    this.guarded.set(model, { name, getLatest: () => latest });
    const send = model.send_sync_message;
    model.send_sync_message = (state, callbacks) => {
      if (name in state && latest === Infinity) {
        this.revision += 1;
        latest = this.revision;
        this.announce(latest);
      }
      return send.call(model, state, callbacks);
    };
    let restoring = false;
    model.on(`change:${name}`, (_model, _value, options) => {
      if (restoring) return;
      if (options?.updated_view) {
        latest = Infinity;
      } else if (latest > this.confirmed) {
        // Before the view sees the change: Backbone calls listeners of one attribute first.
        restoring = true;
        model.set(name, model.previous(name));
        restoring = false;
      } else keepSelection(model, name);
    });
    model.on("destroy", () => this.guarded.delete(model));
  }

  // Returns the user's inputs that the kernel may not have handled yet, the oldest first.
  listUnconfirmed() {
    return [...this.guarded]
      .map(([model, { name, getLatest }]) => ({ model, name, latest: getLatest() }))
      .filter(({ latest }) => latest > this.confirmed)
      .sort((one, other) => (one.latest < other.latest ? -1 : 1))
      .map(({ model, name }) => ({ control: model.model_id, name, value: model.get(name) }));
  }

  // Sends the changes that ipywidgets withholds.
  sendWithheld() {
    for (const model of this.guarded.keys()) {
      const { _msg_buffer: state, _msg_buffer_callbacks: callbacks } = model;
      if (!state) continue;
      model._msg_buffer = model._msg_buffer_callbacks = null;
      model._pending_msgs += 1;
      model.rememberLastUpdateFor(model.send_sync_message(state, callbacks));
    }
  }
}

// A user who selected a whole text replaces it with the next key. The selection stays whole when the kernel changes the
// text at that moment; browsers would collapse it, and the key would change something else.
function keepSelection(model, name) {
  const box = globalThis.document?.activeElement;
  const former = model.previous(name);
  if (!former || box?.value !== former || !isWhollySelected(box)) return;
  queueMicrotask(() => {
    if (box.value === model.get(name)) box.select(); // after the view has changed the text
  });
}

function isWhollySelected({ value, selectionStart, selectionEnd }) {
  return selectionStart === 0 && selectionEnd === value.length;
}
