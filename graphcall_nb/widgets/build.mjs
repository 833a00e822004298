// Bundles the widgets: one ES module and, where the widget has one, one stylesheet for each entry point. The result is
// committed, so that users of the package need no Node. Writes into static/ or into the folder given as the argument.
import { rm } from "node:fs/promises";
import { build } from "esbuild";

const ENTRY_POINTS = {
  timeline: "src/timeline/timeline.js",
  "timeline-style": "src/timeline/timeline.css",
  sequence: "src/sequence/sequence.js",
  "sequence-style": "src/sequence/sequence.css",
  calls: "src/cockpit/calls.js",
  notifications: "src/cockpit/notifications.js",
  status: "src/cockpit/status.js",
  "cockpit-style": "src/cockpit/cockpit.css",
  form: "src/form/form.js",
  "form-style": "src/form/form.css",
  "choice-buttons": "src/form/choice_buttons.js",
  "copy-block": "src/form/copy_block.js",
  "disclosure-button": "src/form/disclosure_button.js",
  "call-link": "src/form/call_link.js",
  "time-slider": "src/player/time_slider.js",
  "time-slider-style": "src/player/time_slider.css",
};

const folder = process.argv[2] ?? "static";

await rm(folder, { recursive: true, force: true });
await build({
  entryPoints: ENTRY_POINTS,
  outdir: folder,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  logLevel: "warning",
});
