/** Shown where `copyText` was not allowed to copy. */
export const COPY_REFUSED = "This browser did not allow copying.";

/** Copies a text; false if the browser does not allow it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without HTTPS have no clipboard, but may answer a copy event.
    return copyByEvent(text);
  }
}

function copyByEvent(text: string): boolean {
  let isCopied = false;
  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    event.clipboardData?.setData("text/plain", text);
    isCopied = event.clipboardData !== null;
  };
  addEventListener("copy", onCopy, { capture: true });
  document.execCommand("copy");
  removeEventListener("copy", onCopy, { capture: true });
  return isCopied;
}
