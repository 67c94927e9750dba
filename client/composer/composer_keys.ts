import { isInsideFence } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

/** A key that was pressed. */
export interface KeyPress {
  readonly key: string;
  readonly isShift?: boolean;
  /** Ctrl, or Command on a Mac. */
  readonly isCommand?: boolean;
  readonly isAlt?: boolean;
  /** True while a key is held down, from the second time on. */
  readonly isRepeated?: boolean;
  /** True while an input method is composing: the key belongs to it. */
  readonly isComposing?: boolean;
}

/** The effect of a key in the box; `ignored` leaves it to the browser, `held` does nothing. */
export type KeyMeaning = "ignored" | "held" | "send" | "cancel" | "edit_last" | "bold" | "italic";
/** The effect of a key while a list of names is open. */
export type ListKeyMeaning = "ignored" | "next" | "previous" | "choose" | "close";

const MARK_KEYS = new Map<string, KeyMeaning>([["b", "bold"], ["i", "italic"]]);
const LIST_KEYS = new Map<string, ListKeyMeaning>([
  ["ArrowDown", "next"],
  ["ArrowUp", "previous"],
  ["Tab", "choose"],
  ["Enter", "choose"],
  ["Escape", "close"],
]);

/** Returns what a key does in the box. Without `enterSends`, Enter and Shift+Enter are swapped. */
export function meaningOfKey(press: KeyPress, state: TextState, enterSends: boolean): KeyMeaning {
  const { key, isShift = false, isCommand = false, isAlt = false, isRepeated = false } = press;
  if (isAlt || press.isComposing) return "ignored";
  if (key === "Enter") {
    if (!isCommand && (isShift === enterSends || isInsideFence(state.text, state.start))) return "ignored";
    // Whoever holds it down too long does not want to send, or to publish, a second time.
    return isRepeated ? "held" : "send";
  }
  if (key === "Escape") return "cancel";
  if (isShift) return "ignored";
  if (isCommand) return MARK_KEYS.get(key.toLowerCase()) ?? "ignored";
  return key === "ArrowUp" && state.text === "" ? "edit_last" : "ignored";
}

/** Returns what a key does while a list of names is open. */
export function meaningInList(press: KeyPress): ListKeyMeaning {
  if (press.isComposing || press.isShift || press.isCommand || press.isAlt) return "ignored";
  if (press.key === "Enter" && press.isRepeated) return "ignored";
  return LIST_KEYS.get(press.key) ?? "ignored";
}
