import { effect, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { CallPreferences } from "./call_preferences.ts";

/** What keys do in a call. */
export type CallKey = "mic" | "cam" | "screen" | "hand" | "leave";

/** Options of `CallKeys`. */
export interface CallKeysOptions {
  readonly preferences: CallPreferences;
  readonly isInCall: ReadonlySignal<boolean>;
  /** In the turn of the key press, since sharing a screen needs it. */
  readonly onKey: (key: CallKey) => void;
  /** Push to talk: true while Space is held. */
  readonly onTalk: (isTalking: boolean) => void;
}

const SINGLE_KEYS: ReadonlyMap<string, CallKey> = new Map([
  ["m", "mic"],
  ["v", "cam"],
  ["s", "screen"],
  ["h", "hand"],
]);
/** With Alt, as it ends the call; by its place, since Alt changes what it writes on a Mac. */
const LEAVE_CODE = "KeyQ";

/** Keys that act in a call: M, V, S, H and Alt+Q, and Space to talk. */
export class CallKeys implements Disposable {
  readonly #options: CallKeysOptions;
  readonly #stop = new AbortController();
  readonly #unfollow: () => void;
  #isTalking = false;

  constructor(options: CallKeysOptions) {
    this.#options = options;
    const { isInCall, preferences } = options;
    const listening = { signal: this.#stop.signal };
    document.addEventListener("keydown", (event) => this.#down(event), listening);
    // Also where the key was pressed in the page and released in a field.
    document.addEventListener("keyup", (event) => event.code === "Space" && this.#up(event), listening);
    globalThis.addEventListener("blur", () => this.#talk(false), listening);
    document.addEventListener("visibilitychange", () => this.#talk(false), listening);
    const isPushToTalk = preferences.pick("isPushToTalk");
    this.#unfollow = effect(() => {
      if (!isInCall.value || !isPushToTalk.value) this.#talk(false);
      else untracked(() => options.onTalk(false));
    });
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    this.#unfollow();
    this.#talk(false);
    this.#stop.abort();
  }

  #down(event: KeyboardEvent): void {
    const { isInCall, preferences, onKey } = this.#options;
    if (!isInCall.peek() || event.defaultPrevented || event.isComposing) return;
    const { isPushToTalk, hasSingleKeys } = preferences.settings.peek();
    if (event.code === LEAVE_CODE && event.altKey && !event.ctrlKey && !event.metaKey && !event.repeat) {
      event.preventDefault();
      return onKey("leave");
    }
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.code === "Space" && isPushToTalk && (this.#isTalking || !takesSpace(event.target))) {
      event.preventDefault();
      return this.#talk(true);
    }
    const key = SINGLE_KEYS.get(event.key.toLowerCase());
    if (key === undefined || !hasSingleKeys || event.repeat || takesLetters(event.target)) return;
    event.preventDefault();
    onKey(key);
  }

  #up(event: KeyboardEvent): void {
    if (!this.#isTalking) return;
    event.preventDefault();
    this.#talk(false);
  }

  #talk(isTalking: boolean): void {
    if (isTalking === this.#isTalking) return;
    this.#isTalking = isTalking;
    this.#options.onTalk(isTalking);
  }
}

/** Whether letters are written there, or choose something there. */
function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest(`${FIELDS}, ${MENUS}`) !== null;
}

/** Whether Space does something there. */
function takesSpace(target: EventTarget | null): boolean {
  return takesLetters(target) || (target instanceof Element && target.closest(BUTTONS) !== null);
}

const FIELDS = "input, textarea, select, [role=textbox], [role=combobox]";
const MENUS = "[role=menu], [role=listbox]";
const BUTTONS =
  "button, a[href], summary, video[controls], audio[controls], [role=button], [role=switch], [role=tab]";
