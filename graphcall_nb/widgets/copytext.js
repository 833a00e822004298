// Puts the text of an element into the clipboard; throws when the browser does not let it.

async function copyText(source) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(source.textContent);
    return;
  }
  // Plain http to another machine: browsers keep the clipboard to themselves, but still copy a selection.
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  if (!document.execCommand("copy")) throw new Error("refused");
}
