// Moves the focus after a row of a list was added or removed: into the new row, or to the neighbor of the removed one.
// The kernel adds and removes rows a moment after the click. Meanwhile the user may focus another control and keeps it.

const FOCUSABLE = "input, select, textarea, button, a, [contenteditable=true]";

export function manageRowFocus(form, signal) {
  let observer;
  signal.addEventListener("abort", () => observer?.disconnect());

  // Focuses what `find(rows)` returns, as soon as it returns an element.
  const focusLater = (list, find) => {
    observer?.disconnect();
    const pressed = document.activeElement;
    observer = new MutationObserver(() => {
      const active = document.activeElement;
      const target = active !== pressed && active?.matches(FOCUSABLE) ? active : find([...rowsOf(list)]);
      if (!target) return;
      observer.disconnect();
      target.focus();
    });
    observer.observe(list, { childList: true, subtree: true });
  };

  const onClick = ({ target }) => {
    const list = target.closest(".gcf-list");
    if (!list) return;
    const rows = [...rowsOf(list)];
    if (target.closest(".gcf-adders button")) {
      focusLater(list, (now) => (now.length === rows.length + 1 ? now.at(-1).querySelector("input[type=text]") : null));
    } else if (target.closest(".gcf-remove")) {
      const index = rows.findIndex((row) => row.contains(target));
      focusLater(list, (now) => {
        // ipywidgets may remove all views and add them again. In a long list, only the first rows are shown, and another
        // one may take the place of the removed one.
        const replaced = now.length === rows.length && !target.isConnected;
        if (now.length !== rows.length - 1 && !replaced) return null;
        if (!now.length) return list.querySelector(".gcf-adders button");
        return now[Math.min(index, now.length - 1)].querySelector(".gcf-remove");
      });
    }
  };
  form.addEventListener("click", onClick, { signal });
}

const rowsOf = (list) => list.querySelectorAll(".gcf-row");
