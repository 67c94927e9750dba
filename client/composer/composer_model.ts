import { computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { MESSAGE_MAX_CODE_POINTS } from "../../shared/limits.ts";
import { countCodePoints, findTextProblem } from "../../shared/message.ts";
import type { EmojiCatalog } from "../ui/emoji/emoji.ts";
import { CompletionModel } from "./completion_model.ts";
import type { CompletionItem, CompletionRoom } from "./completion_model.ts";
import { meaningInList, meaningOfKey } from "./composer_keys.ts";
import type { KeyMeaning, KeyPress } from "./composer_keys.ts";
import type { ComposerScope } from "./composer_scope.ts";
import type { DraftsModel } from "./drafts_model.ts";
import { EMPTY_TEXT, expandShortcode, linkSelection } from "./text_edits.ts";
import { prepareText, textAtEnd, toggleMark } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

/** Options shared by all composers of a tab. */
export interface ComposerOptions {
  readonly drafts: DraftsModel;
  /** True: Enter sends and Shift+Enter starts a new line. False: the other way round. */
  readonly enterSends: ReadonlySignal<boolean>;
  readonly rooms: () => readonly CompletionRoom[];
  readonly emoji: EmojiCatalog;
}

/** The action that the caller must take after a key; `ignored` leaves the key to the browser. */
export type KeyOutcome = "handled" | Exclude<KeyMeaning, "bold" | "italic">;

/** The number of remaining characters is shown from here on. */
const COUNTDOWN_FROM = 200;

/** The text that is written for one scope. */
export class ComposerModel {
  readonly state: Signal<TextState>;
  /** Characters that still fit, negative if there are too many; null while far from the limit. */
  readonly left: ReadonlySignal<number | null>;
  /** Why the text cannot be sent, as a sentence for the user. */
  readonly problem: ReadonlySignal<string | null>;
  readonly canSend: ReadonlySignal<boolean>;
  readonly completion: CompletionModel;
  readonly #scope: ComposerScope;
  readonly #options: ComposerOptions;
  readonly #refusal: Signal<string | null> = signal(null);
  readonly #stopFollowing: () => void;

  /** Starts with the text that is edited, or with the draft. */
  constructor(scope: ComposerScope, options: ComposerOptions) {
    this.#scope = scope;
    this.#options = options;
    const { draftKey, original = "" } = scope;
    const { drafts, rooms, emoji } = options;
    this.state = signal(textAtEnd(draftKey === null ? original : drafts.text(draftKey)));
    const commands = (query: string) => scope.commands?.().complete(query) ?? [];
    this.completion = new CompletionModel({ people: scope.people, rooms, emoji, commands });
    this.left = computed(() => countLeft(this.state.value.text));
    this.problem = computed(() => {
      const left = this.left.value;
      if (left === null || left >= 0) return this.#refusal.value;
      return left === -1 ? "1 character too many" : `${-left} characters too many`;
    });
    this.canSend = computed(() =>
      this.state.value.text.trim() !== "" && this.problem.value === null && scope.permission() === "write"
    );
    this.#stopFollowing = drafts.received.subscribe((draft) => {
      // The last received draft may be outdated, so read the current one.
      if (draft !== null && draft.key === draftKey) this.state.value = textAtEnd(drafts.text(draft.key));
    });
  }

  /** Stores the draft and stops following other tabs. */
  [Symbol.dispose](): void {
    this.setFocused(false);
    this.#stopFollowing();
    this.#options.drafts.flush();
  }

  /** While the box has the focus, no other tab overwrites its text. */
  setFocused(isFocused: boolean): void {
    const { draftKey } = this.#scope;
    if (draftKey !== null) this.#options.drafts.hold(draftKey, isFocused);
    if (!isFocused) this.completion.close();
  }

  /** The user typed; a completed `:shortcode:` becomes its emoji. */
  typed(typed: TextState, isComposing = false): void {
    const before = this.state.peek().text;
    const isColon = typed.text.length === before.length + 1 && typed.text[typed.start - 1] === ":";
    const entries = this.#options.emoji.entries.peek() ?? [];
    const next = isColon && !isComposing ? expandShortcode(typed, entries) : typed;
    this.write(next);
    this.completion.typed(next);
    this.#scope.commands?.().typed(next.text);
    this.#scope.onTyping?.(typed.text.trim() !== "");
  }

  /** The user moved the caret or changed the selection. */
  moved(start: number, end: number): void {
    const { text, ...before } = this.state.peek();
    if (before.start === start && before.end === end) return;
    this.state.value = { text, start, end };
    this.completion.moved(this.state.peek());
  }

  /** Handles a key, or returns what the caller must do. */
  press(press: KeyPress): KeyOutcome {
    if (this.completion.list.peek() !== null && this.#pressInList(press)) return "handled";
    const meaning = meaningOfKey(press, this.state.peek(), this.#options.enterSends.peek());
    if (meaning !== "bold" && meaning !== "italic") return meaning;
    this.write(toggleMark(this.state.peek(), meaning === "bold" ? "**" : "*"));
    return "handled";
  }

  /** Turns the selection into a link to a pasted address; false if the browser should paste. */
  paste(pasted: string): boolean {
    const linked = linkSelection(this.state.peek(), pasted);
    if (linked !== null) this.write(linked);
    return linked !== null;
  }

  /** Inserts an item of the completion list, the selected one by default. */
  complete(item?: CompletionItem): void {
    this.write(this.completion.choose(this.state.peek(), item));
  }

  /** Inserts a text before the one that is there. */
  prepend(text: string): void {
    const present = this.state.peek().text;
    this.write(textAtEnd(present.trim() === "" ? text : `${text}\n${present}`));
  }

  /** Replaces the text and the selection. */
  write(state: TextState): void {
    const { draftKey } = this.#scope;
    this.state.value = state;
    this.#refusal.value = null;
    if (draftKey !== null) this.#options.drafts.set(draftKey, state.text);
  }

  /** Sends the text, if it has changed, and empties the box; false if it cannot be sent. */
  submit(): boolean {
    const { original, permission, send } = this.#scope;
    const text = prepareText(this.state.peek().text);
    if (text === "") {
      if (original !== undefined) {
        this.#refusal.value = "An empty message cannot be saved. Delete it instead.";
      }
      return false;
    }
    const problem = findTextProblem(text);
    if (problem !== null && this.problem.peek() === null) this.#refusal.value = problem;
    if (problem !== null || permission() !== "write") return false;
    this.write(EMPTY_TEXT);
    this.completion.close();
    this.#options.drafts.flush();
    // Two slashes send what would be a command with one.
    if (original === undefined) send(isCommand(text.slice(1)) ? text.slice(1) : text);
    else if (text !== prepareText(original)) send(text);
    return true;
  }

  #pressInList(press: KeyPress): boolean {
    const meaning = meaningInList(press);
    if (meaning === "next") this.completion.move(1);
    else if (meaning === "previous") this.completion.move(-1);
    else if (meaning === "close") this.completion.close();
    else if (meaning === "choose") this.complete();
    return meaning !== "ignored";
  }
}

/** Whether a text is a command; a path such as `/etc/hosts` is none. */
export function isCommand(text: string): boolean {
  return /^\/[a-z]+(\s|$)/i.test(text);
}

function countLeft(text: string): number | null {
  // A text never has more code points than UTF-16 units, so short texts need no counting.
  if (text.length <= MESSAGE_MAX_CODE_POINTS - COUNTDOWN_FROM) return null;
  const left = MESSAGE_MAX_CODE_POINTS - countCodePoints(prepareText(text));
  return left <= COUNTDOWN_FROM ? left : null;
}
