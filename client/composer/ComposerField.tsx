import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import type { ComposerModel } from "./composer_model.ts";
import type { KeyPress } from "./composer_keys.ts";
import { findChange } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

/** What the field is given. */
export interface ComposerFieldProps {
  readonly model: ComposerModel;
  readonly label: string;
  /** Id of the completion list. */
  readonly listId: string;
  /** Id of the line that says what is wrong. */
  readonly noteId: string;
  readonly onSubmit: () => void;
  readonly onEditLast: () => void;
  readonly onTyping: (hasText: boolean) => void;
  readonly onBlur: () => void;
}

/** The text area: it grows with its text and tells the model what happens in it. */
export function ComposerField(props: ComposerFieldProps): JSX.Element {
  const { model, label, listId, noteId, onSubmit, onEditLast, onTyping, onBlur } = props;
  const ref = useRef<HTMLTextAreaElement>(null);
  const isWriting = useRef(false);
  const seenWish = useRef(model.focusWish.peek());
  const list = model.completion.list.value;

  // At once, not with the next frame: the next key must already find the new text.
  useLayoutEffect(() => {
    const stopShowing = effect(() => {
      const state = model.state.value;
      if (ref.current === null) return;
      isWriting.current = true;
      showState(ref.current, state);
      isWriting.current = false;
    });
    const stopFocusing = effect(() => {
      const wish = model.focusWish.value;
      if (wish !== seenWish.current) ref.current?.focus({ preventScroll: true });
      seenWish.current = wish;
    });
    return () => {
      stopShowing();
      stopFocusing();
      // A field that is taken away tells of no blur.
      model.setFocused(false);
    };
  }, [model]);
  useEffect(() => {
    const field = ref.current;
    if (field === null) return;
    // On a touch screen the focus would open the keyboard over the room that one came to read.
    if (matchMedia("(hover: hover)").matches) field.focus({ preventScroll: true });
    const onSelection = () => {
      const isOurs = document.activeElement === field && field.value === model.state.peek().text;
      if (isOurs && !isWriting.current) model.moved(field.selectionStart, field.selectionEnd);
    };
    document.addEventListener("selectionchange", onSelection);
    return () => document.removeEventListener("selectionchange", onSelection);
  }, [model]);

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
      aria-invalid={model.problem.value === null ? undefined : "true"}
      autocomplete="off"
      enterkeyhint={model.enterSends.value ? "send" : "enter"}
      onInput={(event) => {
        if (isWriting.current) return;
        model.typed(readState(event.currentTarget), event.isComposing);
        if (model.editing.peek() === null) onTyping(event.currentTarget.value.trim() !== "");
      }}
      onKeyDown={(event) => {
        const outcome = model.press(readKey(event));
        if (outcome === "ignored") return;
        event.preventDefault();
        event.stopPropagation();
        if (outcome === "send") onSubmit();
        else if (outcome === "edit_last") onEditLast();
      }}
      onPaste={(event) => {
        if (model.paste(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
      }}
      onFocus={() => model.setFocused(true)}
      onBlur={() => {
        model.setFocused(false);
        onBlur();
      }}
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
    // Safari ends the composition before the key that ended it; only 229 tells.
    isComposing: event.isComposing || event.keyCode === 229,
  };
}

function showState(field: HTMLTextAreaElement, state: TextState): void {
  const change = findChange(field.value, state.text);
  const hasFocus = document.activeElement === field;
  if (change !== null) {
    const isWhole = change.start === 0 && change.end === field.value.length;
    // Only an editing command keeps the undo history; a new text starts a new one.
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
