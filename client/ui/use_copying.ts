import { useEffect, useState } from "preact/hooks";
import { copyText } from "./copy_text.ts";

/** How long a button says that its text was copied. */
const COPIED_SHOWN_MS = 2_000;

/** Returns what a button to copy `text` does, and whether it has just done so. */
export function useCopying(text: string): { readonly isCopied: boolean; readonly copy: () => void } {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), COPIED_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return { isCopied, copy: () => void copyText(text).then(setIsCopied) };
}
