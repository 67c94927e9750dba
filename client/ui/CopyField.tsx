import type { JSX } from "preact";
import { useId, useRef } from "preact/hooks";
import { Button } from "./Button.tsx";
import { useCopying } from "./use_copying.ts";

/** A text to copy: selected by a click, copied by its button. */
export function CopyField({ label, text }: { label: string; text: string }): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const { isCopied, copy } = useCopying(text);
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
      <Button
        icon={isCopied ? "check" : "copy"}
        onClick={() => {
          // If copying is not allowed, the text is selected for Ctrl+C.
          input.current?.select();
          copy();
        }}
      >
        {isCopied ? "Copied" : "Copy"}
      </Button>
      <span class="visually-hidden" role="status">{isCopied ? "Copied" : ""}</span>
    </div>
  );
}
