"""How the form looks: the front end's own colours, with fallbacks where it names none."""

STYLE = """
.gc-form {
  --gc-text: var(--jp-ui-font-color1, #212121);
  --gc-quiet: var(--jp-ui-font-color2, #5f6368);
  --gc-line: var(--jp-border-color2, #c4c7cc);
  --gc-panel: var(--jp-layout-color2, #f3f4f6);
  --gc-accent: var(--jp-brand-color1, #1565c0);
  --gc-link: var(--jp-content-link-color, #1565c0);
  --gc-bad: var(--jp-error-color1, #b3261e);
  --gc-good: var(--jp-success-color0, #1b7f3b);
  --gc-mono: var(--jp-code-font-family, ui-monospace, Menlo, Consolas, monospace);
  container-type: inline-size;
  width: 100%;
  max-width: 1280px;
  box-sizing: border-box;
  color: var(--gc-text);
  overflow: visible;
}
[data-jp-theme-light="false"] .gc-form {
  color-scheme: dark;
  --jp-widgets-dropdown-arrow: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'\
%3E%3Cpath fill='%23bdbdbd' d='M5.2 5.9 9 9.7l3.8-3.8 1.2 1.2-5 4.9-5-4.9z'/%3E%3C/svg%3E");
  --gc-good: var(--jp-success-color1, #6fcf97);
  --gc-bad: var(--jp-error-color2, #ff8a80);
}
.gc-form .widget-box, .gc-form .widget-vbox, .gc-form .widget-hbox { overflow: visible; }
.gc-form .jupyter-widgets { max-width: 100%; box-sizing: border-box; }
.gc-form .widget-html, .gc-form .widget-html-content { margin: 0; line-height: 1.45; height: auto; }
.gc-form code { font-family: var(--gc-mono); font-size: 0.92em; color: inherit; background: none; padding: 0;
  overflow-wrap: anywhere; }

/* a kernel that is gone: one sentence in place of a mark at each part, which would push all of them out of place */
.gc-form .jupyter-widgets-disconnected::before { content: none; }
.gc-form.jupyter-widgets-disconnected::before { content: "Not connected to a kernel: run the cell again.";
  display: block; padding: 4px 10px; margin-bottom: 8px; border-left: 3px solid var(--gc-bad); font: inherit;
  color: var(--gc-text); background: var(--gc-panel); }

/* header */
.gc-form .gc-header { gap: 4px; padding-bottom: 10px; margin: 0 0 14px; border-bottom: 1px solid var(--gc-line); }
.gc-form .gc-titlebar .widget-html-content { display: flex; align-items: center; gap: 8px; }
.gc-form .gc-title { margin: 0; font-size: 1.3em; font-weight: 600; color: inherit; }
.gc-form .gc-badge { border: 1px solid var(--gc-line); border-radius: 10px; padding: 0 9px; font-size: 11px;
  line-height: 18px; color: var(--gc-quiet); letter-spacing: 0.03em; }
.gc-form .gc-badge.gc-simulated { border-color: currentColor; color: var(--gc-accent); font-weight: 700; }
.gc-form .gc-picker { flex-flow: row wrap; align-items: flex-end; gap: 6px; }
.gc-form .gc-picker > .widget-dropdown { flex: 0 1 320px; }
.gc-form .gc-picker .jupyter-button { width: auto; margin: 0; }
.gc-form .gc-picker > * { margin: 0; }
.gc-form .gc-about { color: var(--gc-quiet); }
.gc-form .gc-need { white-space: nowrap; }
.gc-form .gc-need code { color: var(--gc-text); }

/* two columns where there is room */
.gc-form .gc-columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
@container (min-width: 760px) {
  .gc-form .gc-columns { grid-template-columns: minmax(0, 7fr) minmax(0, 5fr); gap: 24px; }
}
.gc-form .gc-fields { gap: 14px; min-width: 0; container-type: inline-size; }
.gc-form .gc-section { gap: 4px; }
.gc-form .gc-heading { margin: 0; font-size: 1em; font-weight: 600; color: inherit; }
.gc-form .gc-content { gap: 8px; }
.gc-form .gc-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 145px), 1fr));
  gap: 8px 12px; }
.gc-form .gc-basics .gc-grid { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.gc-form .gc-grid > .gc-wide { grid-column: 1 / -1; }

/* a field: label above control, error below */
.gc-form .gc-field { min-width: 0; width: auto; gap: 2px; }
.gc-form .gc-field > .widget-inline-hbox, .gc-form .gc-picker > .widget-inline-hbox,
.gc-form .gc-code-field > .widget-inline-hbox { flex-direction: column; align-items: stretch; width: 100%;
  height: auto; margin: 0; }
.gc-form .gc-picker > .widget-inline-hbox { width: auto; }
.gc-form .widget-inline-hbox > .widget-label, .gc-form .gc-label { width: auto; text-align: left; margin: 0;
  height: 18px; line-height: 18px; font-size: 12px; color: var(--gc-quiet); }
.gc-form .widget-inline-hbox > input[type="text"], .gc-form .widget-inline-hbox > select,
.gc-form .widget-inline-hbox > textarea { width: 100%; min-width: 0; box-sizing: border-box; flex: none; margin: 0; }
.gc-form .widget-inline-hbox > input[type="text"], .gc-form .widget-inline-hbox > select { height: 28px; }
.gc-form ::placeholder { color: var(--gc-quiet); opacity: 0.75; }
.gc-form .widget-checkbox { width: auto; }
.gc-form .gc-invalid input, .gc-form .gc-invalid select, .gc-form .gc-invalid textarea {
  border-color: var(--gc-bad) !important; box-shadow: 0 0 0 1px var(--gc-bad); }
.gc-form .gc-error { font-size: 12px; color: var(--gc-bad); overflow-wrap: anywhere; }
.gc-form .gc-note { font-size: 12px; color: var(--gc-quiet); }
.gc-form .gc-bad { color: var(--gc-bad); }
.gc-form .gc-good { color: var(--gc-good); }
.gc-form .gc-toggles { flex-flow: row wrap; gap: 4px 18px; align-items: center; }
.gc-form .gc-toggles .widget-checkbox { margin: 0; }
.gc-form .gc-toggles .widget-label-basic { display: inline-flex; align-items: center; gap: 4px; }
.gc-form .gc-toggles input[type="checkbox"] { width: 15px; height: 15px; margin: 0 4px 0 0;
  accent-color: var(--gc-accent); }

/* rows */
.gc-form .gc-row { display: grid; gap: 6px 8px; align-items: start; padding: 0 0 8px; }
.gc-form .gc-target { grid-template-columns: minmax(96px, 2fr) minmax(0, 4fr) minmax(0, 3fr) minmax(0, 3fr) auto; }
.gc-form .gc-sound { grid-template-columns: minmax(0, 4fr) minmax(0, 4fr) auto; }
.gc-form .gc-row > .gc-remove { width: auto; margin: 18px 0 0; order: 1; }
/* the parts of a field are cells of the row, so that an error has the whole width */
.gc-form .gc-row > .gc-field { display: contents; }
.gc-form .gc-row .gc-error { order: 2; grid-column: 1 / -1; margin-top: -2px; }
@container (min-width: 480.01px) {
  .gc-form .gc-row + .gc-row .widget-label { position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); }
  .gc-form .gc-row + .gc-row > .gc-remove { margin-top: 0; }
}
@container (max-width: 480px) {
  .gc-form .gc-target { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); border-bottom: 1px solid var(--gc-line); }
  .gc-form .gc-sound { grid-template-columns: minmax(0, 1fr); border-bottom: 1px solid var(--gc-line); }
  .gc-form .gc-row > .gc-remove { margin-top: 0; justify-self: start; }
}
.gc-form .gc-adders { gap: 6px; }
.gc-form .gc-adders .jupyter-button { width: auto; margin: 0; }

/* folds */
.gc-form .gc-fold { margin: 0; width: 100%; }
.gc-form .gc-fold > button { display: block; width: 100%; height: 30px; margin: 0; padding: 0 2px; border: 0;
  border-bottom: 1px solid var(--gc-line); background: none; color: var(--gc-text); font: inherit; text-align: left;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; cursor: pointer; }
.gc-form .gc-fold > button::before { content: ""; display: inline-block; width: 5px; height: 5px;
  margin: 0 11px 2px 3px; border: solid currentColor; border-width: 0 1.5px 1.5px 0;
  transform: rotate(-45deg); transition: transform 0.12s; }
.gc-form .gc-fold > button[aria-expanded="true"]::before { transform: rotate(45deg); }
.gc-form .gc-fold > button:hover { background: var(--gc-panel); }
.gc-form .gc-fold.gc-wrong > button { color: var(--gc-bad); border-bottom-color: var(--gc-bad); }
.gc-form .gc-fold + .gc-content { padding: 6px 0 8px 20px; }

/* panes */
.gc-form .gc-panes { gap: 8px; min-width: 0; }
.gc-form .gc-panes-choice, .gc-form .gc-export-style { display: flex; margin: 0; }
.gc-form .gc-panes-choice { border-bottom: 1px solid var(--gc-line); }
.gc-form .gc-panes-choice > button, .gc-form .gc-export-style > button { height: 28px; min-width: 64px; margin: 0;
  padding: 0 12px; border: 0; border-bottom: 2px solid transparent; background: none; color: var(--gc-quiet);
  font: inherit; cursor: pointer; }
.gc-form .gc-panes-choice > button:hover, .gc-form .gc-export-style > button:hover { background: var(--gc-panel); }
.gc-form .gc-panes-choice > button[aria-pressed="true"], .gc-form .gc-export-style > button[aria-pressed="true"] {
  color: var(--gc-text); border-bottom-color: var(--gc-accent); }
.gc-form .gc-export-style { margin-bottom: 6px; }
.gc-form .gc-export-style > button { height: 24px; font-size: 12px; }
.gc-form .gc-code-field textarea { font-family: var(--gc-mono); font-size: 12px; line-height: 1.45; resize: vertical;
  tab-size: 2; white-space: pre; overflow: auto; }
.gc-form .gc-code-field { gap: 6px; }
.gc-form .gc-code-field .jupyter-button { width: auto; align-self: flex-start; margin: 0; }
.gc-form .gc-copyblock { width: 100%; margin: 0; }
.gc-form .gc-copy, .gc-form .gc-fix { background: var(--jp-layout-color1, transparent); color: var(--gc-text);
  border: 1px solid var(--gc-line); border-radius: 2px; font: inherit; font-size: 12px; line-height: 22px;
  height: 24px; padding: 0 10px; cursor: pointer; }
.gc-form .gc-copy:hover, .gc-form .gc-fix:hover { border-color: var(--gc-accent); box-shadow: none; }
.gc-form .gc-copybar { display: flex; align-items: center; gap: 8px; padding-bottom: 6px; font-size: 12px;
  color: var(--gc-quiet); }
.gc-form pre.gc-code { font-family: var(--gc-mono) !important; font-size: 12px !important;
  line-height: 1.45 !important; color: var(--gc-text); background: var(--gc-panel); margin: 0; padding: 8px 10px;
  border: 1px solid var(--gc-line); overflow: auto; max-height: 460px; white-space: pre; }

/* advice and sending */
.gc-form .gc-counsel { gap: 4px; }
.gc-form .gc-counsel-line { align-items: center; gap: 8px; padding: 4px 10px; border-left: 3px solid var(--gc-accent);
  background: var(--gc-panel); }
.gc-form .gc-counsel-line.gc-level-error { border-left-color: var(--gc-bad); }
.gc-form .gc-counsel-text { flex: 1 1 auto; min-width: 0; font-size: 12px; }
.gc-form .gc-fix { width: auto; flex: none; margin: 0; }
.gc-form .gc-actions { gap: 6px; padding-top: 4px; }
.gc-form .gc-create { width: 160px; margin: 0; }
.gc-form .gc-outcome { min-height: 21px; overflow-wrap: anywhere; }
.gc-form .gc-call-link { margin: 0; font-size: 12px; }
.gc-form .gc-call-link a { color: var(--gc-link); text-decoration: underline; }
.gc-form .gc-busy { opacity: 0.7; cursor: progress; }
.gc-form .gc-busy::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 8px;
  border: 2px solid currentColor; border-right-color: transparent; border-radius: 50%;
  animation: gc-spin 0.8s linear infinite; }
@keyframes gc-spin { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) { .gc-form .gc-busy::before { animation: none; } }
.gc-form :is(a, button, input, select, textarea, pre):focus-visible { outline: 2px solid var(--gc-accent);
  outline-offset: 1px; }
/* ipywidgets takes the outline off its text fields */
.gc-form .widget-inline-hbox > :is(input, textarea):focus-visible { outline: 2px solid var(--gc-accent) !important;
  outline-offset: -1px; }
"""
