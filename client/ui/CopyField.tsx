import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "./Button.tsx";

const SAID_MS = 2_000;

/** A text to copy: selected by a click, copied by its button. */
export function CopyField({ label, text }: { label: string; text: string }): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      setIsCopied(true);
    } catch {
      // Without access to the clipboard, the text is selected for Ctrl+C.
    }
  };
  return (
    <div class="copy-field">
      <label class="visually-hidden" for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        class="input"
        readOnly
        value={text}
        dir="ltr"
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button icon={isCopied ? "check" : "copy"} onClick={() => void copy()}>
        {isCopied ? "Copied" : "Copy"}
      </Button>
      <span class="visually-hidden" role="status">{isCopied ? "Copied" : ""}</span>
    </div>
  );
}
