// An unseen child of a box, for what the browser has to do in that box: `watch(box, signal)`, until the signal says stop.

function unseen(watch) {
  return ({ el }) => {
    const stop = new AbortController();
    el.style.display = "none";
    const begin = () => {
      if (stop.signal.aborted) return;
      if (el.parentElement) watch(el.parentElement, stop.signal);
      else requestAnimationFrame(begin); // put into its box a moment later
    };
    begin();
    return () => stop.abort();
  };
}
