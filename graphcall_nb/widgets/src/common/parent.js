// Calls back with the parent of a view's element. ipywidgets adds the view to its parent after rendering it.
export function whenAttached(element, signal, callback) {
  if (signal.aborted) return;
  if (element.parentElement) callback(element.parentElement);
  else requestAnimationFrame(() => whenAttached(element, signal, callback));
}
