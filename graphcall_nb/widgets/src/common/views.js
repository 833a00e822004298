// Tells links to calls that a view of calls was added to this page or removed, or lost its kernel.

export const VIEWS_CHANGED = "graphcall-nb:views-changed";

export function announceViews() {
  document.dispatchEvent(new CustomEvent(VIEWS_CHANGED));
}
