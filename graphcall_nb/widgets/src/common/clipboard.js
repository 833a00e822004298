// Copies the text of an element; returns false when the browser refuses.
export async function copyText(source) {
  try {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    }
    // Over plain HTTP browsers withhold the clipboard, but still copy a selection.
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
