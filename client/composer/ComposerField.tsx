import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import type { KeyPress } from "./composer_keys.ts";
import type { ConversationComposer } from "./conversation_composer.ts";
import { findChange } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

/** Props of `ComposerField`. */
export interface ComposerFieldProps {
  readonly composer: ConversationComposer;
  readonly label: string;
  /** Id of the completion list. */
  readonly listId: string;
  /** Id of the line that shows problems. */
  readonly noteId: string;
}

/** The text area: it grows with its text and reports to the model what happens in it. */
export function ComposerField({ composer, label, listId, noteId }: ComposerFieldProps): JSX.Element {
  const ref = useRef<HTMLTextAreaElement>(null);
  const isWriting = useRef(false);
  const seenWish = useRef(composer.focusWish.peek());
  const list = composer.shown.value.completion.list.value;

  // At once, not with the next frame: the next key must already find the new text.
  useLayoutEffect(() => {
    const stopShowing = effect(() => {
      const state = composer.shown.value.state.value;
      if (ref.current === null) return;
      isWriting.current = true;
      showState(ref.current, state);
      isWriting.current = false;
    });
    const stopFocusing = effect(() => {
      const wish = composer.focusWish.value;
      if (wish !== seenWish.current) ref.current?.focus({ preventScroll: true });
      seenWish.current = wish;
    });
    return () => {
      stopShowing();
      stopFocusing();
      // A field that is removed does not fire `blur`.
      composer.setFocused(false);
    };
  }, [composer]);
  useEffect(() => {
    const field = ref.current;
    if (field === null) return;
    // On a touch screen, focus would open the keyboard over the room that the user came to read.
    if (matchMedia("(hover: hover), (pointer: fine)").matches) field.focus({ preventScroll: true });
    const onSelection = () => {
      const shown = composer.shown.peek();
      const isOurs = document.activeElement === field && field.value === shown.state.peek().text;
      if (isOurs && !isWriting.current) shown.moved(field.selectionStart, field.selectionEnd);
    };
    document.addEventListener("selectionchange", onSelection);
    return () => document.removeEventListener("selectionchange", onSelection);
  }, [composer]);

  return (
    <textarea
      ref={ref}
      class="box-field"
      rows={1}
      dir="auto"
      placeholder={label}
      aria-label={label}
      aria-autocomplete="list"
      aria-controls={list === null ? undefined : listId}
      aria-activedescendant={list === null ? undefined : `${listId}-${list.selected}`}
      aria-describedby={noteId}
      aria-invalid={composer.shown.value.problem.value === null ? undefined : "true"}
      autocomplete="off"
      enterkeyhint={composer.options.enterSends.value ? "send" : "enter"}
      onInput={(event) => {
        if (isWriting.current) return;
        composer.shown.peek().typed(readState(event.currentTarget), event.isComposing);
      }}
      onKeyDown={(event) => {
        if (!composer.press(readKey(event))) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onPaste={(event) => {
        const pasted = event.clipboardData?.getData("text/plain") ?? "";
        if (composer.shown.peek().paste(pasted)) event.preventDefault();
      }}
      onFocus={() => composer.setFocused(true)}
      onBlur={() => composer.blur()}
    />
  );
}

function readState(field: HTMLTextAreaElement): TextState {
  return { text: field.value, start: field.selectionStart, end: field.selectionEnd };
}

function readKey(event: KeyboardEvent): KeyPress {
  return {
    key: event.key,
    isShift: event.shiftKey,
    isCommand: event.ctrlKey || event.metaKey,
    isAlt: event.altKey,
    isRepeated: event.repeat,
    // In Safari the composition ends before the key that ends it arrives; only 229 shows it.
    isComposing: event.isComposing || event.keyCode === 229,
  };
}

function showState(field: HTMLTextAreaElement, state: TextState): void {
  const change = findChange(field.value, state.text);
  const hasFocus = document.activeElement === field;
  if (change !== null) {
    const isWhole = change.start === 0 && change.end === field.value.length;
    // Only an editing command keeps the undo history; a whole new text starts a new one.
    if (hasFocus && !isWhole) {
      field.setSelectionRange(change.start, change.end);
      if (change.insert === "") document.execCommand("delete");
      else document.execCommand("insertText", false, change.insert);
    }
    if (field.value !== state.text) field.value = state.text;
  }
  const isMoved = field.selectionStart !== state.start || field.selectionEnd !== state.end;
  if (hasFocus && isMoved) field.setSelectionRange(state.start, state.end);
  if (!CSS.supports("field-sizing", "content")) growByScript(field);
}

function growByScript(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
