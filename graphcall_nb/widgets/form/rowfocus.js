// Where the keyboard stands after a row was added or removed: in the new row, or at the neighbour of the one that is
// gone. The rows come from the kernel a moment later, so they are waited for; whoever goes elsewhere meanwhile is left.

const STANDS = "input, select, textarea, button, a, [contenteditable=true]";

function watch(box, signal) {
  let observer;
  const wait = (arrived, find) => {
    observer?.disconnect();
    const pressed = document.activeElement;
    observer = new MutationObserver(() => {
      const now = document.activeElement;
      if (now !== pressed && now?.matches(STANDS)) {
        observer.disconnect();
        return;
      }
      const rows = box.querySelectorAll(".gc-row");
      const found = arrived(rows.length) ? find(rows) : null; // a row may still be without its fields
      if (!found) return;
      observer.disconnect();
      found.focus();
    });
    observer.observe(box, { childList: true, subtree: true });
  };
  const clicked = ({ target }) => {
    const rows = [...box.querySelectorAll(".gc-row")];
    const at = rows.findIndex((row) => row.contains(target));
    if (target.closest(".gc-adders button")) {
      wait(
        (count) => count === rows.length + 1,
        (all) => all[rows.length].querySelector("input[type=text]"),
      );
    } else if (target.closest(".gc-remove")) {
      const near = (all) => all[Math.min(at, all.length - 1)].querySelector(".gc-remove");
      wait(
        // Of very many rows not all are there: another may come up from below.
        (count) => count === rows.length - 1 || (count === rows.length && !target.isConnected),
        (all) => (all.length ? near(all) : box.querySelector(".gc-adders button")),
      );
    }
  };
  box.addEventListener("click", clicked, { signal });
  signal.addEventListener("abort", () => observer?.disconnect());
}

export default { render: unseen(watch) };
