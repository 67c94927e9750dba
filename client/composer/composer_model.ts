import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { RoomId } from "../../shared/ids.ts";
import { MESSAGE_MAX_CODE_POINTS } from "../../shared/limits.ts";
import { countCodePoints, findTextProblem } from "../../shared/message.ts";
import type { EmojiCatalog } from "../ui/emoji/emoji.ts";
import { CompletionModel } from "./completion_model.ts";
import type { CompletionItem, CompletionPerson, CompletionRoom } from "./completion_model.ts";
import type { DraftsModel } from "./drafts_model.ts";
import { meaningInList, meaningOfKey } from "./composer_keys.ts";
import type { KeyPress } from "./composer_keys.ts";
import { expandShortcode } from "./shortcode.ts";
import { EMPTY_TEXT, insertEmoji, linkSelection } from "./text_edits.ts";
import { prepareText, textAtEnd, toggleMark } from "./text_edits.ts";
import type { TextState } from "./text_edits.ts";

/** The message that is answered. */
export interface ReplyTarget {
  readonly offset: number;
  readonly authorName: string;
  readonly text: string;
}

/** The message that is edited. */
export interface EditTarget {
  readonly offset: number;
  readonly text: string;
}

/** A text that is ready to go. */
export type Outgoing =
  | { readonly kind: "send"; readonly text: string; readonly replyTo: number | null }
  | { readonly kind: "edit"; readonly offset: number; readonly text: string };

/** What comes of a key; `ignored` leaves it to the browser. */
export type KeyOutcome = "ignored" | "handled" | "send" | "edit_last";

/** What the composer stands on. */
export interface ComposerOptions {
  readonly drafts: DraftsModel;
  /** True: Enter sends and Shift+Enter makes a line. False: the other way round. */
  readonly enterSends: ReadonlySignal<boolean>;
  /** Who can be named in a room. */
  readonly people: (roomId: RoomId) => readonly CompletionPerson[];
  readonly rooms: () => readonly CompletionRoom[];
  readonly emoji: EmojiCatalog;
}

interface RoomState {
  readonly reply: ReplyTarget | null;
  readonly editing: EditTarget | null;
  readonly editText: string;
}

/** From here on the composer shows how many characters are left. */
const COUNTDOWN_FROM = 200;

/** What is being written, in one room at a time. */
export class ComposerModel {
  readonly state: Signal<TextState> = signal(EMPTY_TEXT);
  readonly reply: Signal<ReplyTarget | null> = signal(null);
  readonly editing: Signal<EditTarget | null> = signal(null);
  /** Grows each time the box should take the focus. */
  readonly focusWish: Signal<number> = signal(0);
  /** Characters that still fit; null while there is plenty of room, negative when too many. */
  readonly left: ReadonlySignal<number | null>;
  /** Why the text cannot go, in words for the person. */
  readonly problem: ReadonlySignal<string | null>;
  readonly canSend: ReadonlySignal<boolean>;
  readonly enterSends: ReadonlySignal<boolean>;
  readonly completion: CompletionModel;
  readonly emoji: EmojiCatalog;
  readonly #drafts: DraftsModel;
  readonly #roomId: Signal<RoomId | null> = signal(null);
  readonly #refusal: Signal<string | null> = signal(null);
  readonly #others = new Map<RoomId, RoomState>();
  readonly #stopFollowing: () => void;
  #isFocused = false;

  /** Makes a composer that is in no room yet. */
  constructor({ drafts, enterSends, people, rooms, emoji }: ComposerOptions) {
    this.#drafts = drafts;
    this.enterSends = enterSends;
    this.emoji = emoji;
    this.completion = new CompletionModel({
      people: () => this.#roomId.value === null ? [] : people(this.#roomId.value),
      rooms,
      emoji,
    });
    this.left = computed(() => countLeft(this.state.value.text));
    this.problem = computed(() => {
      const left = this.left.value;
      if (left === null || left >= 0) return this.#refusal.value;
      return left === -1 ? "1 character too many" : `${-left} characters too many`;
    });
    this.canSend = computed(() => this.state.value.text.trim() !== "" && this.problem.value === null);
    this.#stopFollowing = drafts.received.subscribe((draft) => {
      if (draft === null || draft.roomId !== this.#roomId.peek() || this.editing.peek() !== null) return;
      this.state.value = textAtEnd(draft.text);
    });
  }

  /** Stops following other tabs. */
  [Symbol.dispose](): void {
    this.#stopFollowing();
  }

  /** Goes to a room: its draft, its reply and its unfinished edit are as they were left. */
  open(roomId: RoomId): void {
    const before = this.#roomId.peek();
    if (before === roomId) return;
    if (before !== null) this.#leave(before);
    this.#drafts.flush();
    const kept = this.#others.get(roomId);
    this.#others.delete(roomId);
    batch(() => {
      this.#roomId.value = roomId;
      this.setFocused(this.#isFocused);
      this.reply.value = kept?.reply ?? null;
      this.editing.value = kept?.editing ?? null;
      this.#show(kept?.editing ? kept.editText : this.#drafts.text(roomId));
    });
  }

  /** Says whether the box has the focus, so that no other tab writes over it. */
  setFocused(isFocused: boolean): void {
    this.#isFocused = isFocused;
    this.#drafts.hold(isFocused ? this.#roomId.peek() : null);
    if (!isFocused) this.completion.close();
  }

  /** Takes what the person typed; a finished `:shortcode:` becomes its emoji. */
  typed(typed: TextState, isComposing = false): void {
    const before = this.state.peek().text;
    const isColon = typed.text.length === before.length + 1 && typed.text[typed.start - 1] === ":";
    const next = isColon && !isComposing ? expandShortcode(typed, this.emoji.entries.peek() ?? []) : typed;
    this.#write(next);
    this.completion.typed(next);
  }

  /** Takes where the caret went. */
  moved(start: number, end: number): void {
    const { text, ...before } = this.state.peek();
    if (before.start === start && before.end === end) return;
    this.state.value = { text, start, end };
    this.completion.moved(this.state.peek());
  }

  /** Does what a key means, or says what the view must do. */
  press(press: KeyPress): KeyOutcome {
    if (this.completion.list.peek() !== null && this.#pressInList(press)) return "handled";
    const meaning = meaningOfKey(press, this.state.peek(), this.enterSends.peek());
    switch (meaning) {
      case "bold":
      case "italic":
        this.#write(toggleMark(this.state.peek(), meaning === "bold" ? "**" : "*"));
        return "handled";
      case "cancel":
        return this.cancel() ? "handled" : "ignored";
      case "edit_last":
        return this.editing.peek() === null ? "edit_last" : "ignored";
      default:
        return meaning;
    }
  }

  /** Takes a pasted text when it is an address for what is selected; else the browser pastes. */
  paste(pasted: string): boolean {
    const linked = linkSelection(this.state.peek(), pasted);
    if (linked !== null) this.#write(linked);
    return linked !== null;
  }

  /** Puts in an item of the completion list. */
  complete(item?: CompletionItem): void {
    this.#write(this.completion.choose(this.state.peek(), item));
    this.focusWish.value++;
  }

  /** Puts in an emoji of the picker. */
  addEmoji(emoji: string): void {
    this.#write(insertEmoji(this.state.peek(), emoji));
    this.focusWish.value++;
  }

  /** Begins an answer to a message. */
  startReply(target: ReplyTarget): void {
    if (this.editing.peek() !== null) this.cancel();
    this.reply.value = target;
    this.focusWish.value++;
  }

  /** Begins to edit a message; the draft waits meanwhile. */
  startEdit(target: EditTarget): void {
    batch(() => {
      this.editing.value = target;
      this.#show(target.text);
    });
    this.focusWish.value++;
  }

  /** Gives up the edit, or else the reply; false when there was neither. */
  cancel(): boolean {
    if (this.editing.peek() !== null) this.#endEdit();
    else if (this.reply.peek() !== null) this.reply.value = null;
    else return false;
    this.focusWish.value++;
    return true;
  }

  /** Puts the text of a message that did not go back into the box, before what is there. */
  restore(text: string, reply: ReplyTarget | null): void {
    if (this.editing.peek() !== null) this.#endEdit();
    const present = this.state.peek().text;
    batch(() => {
      if (reply !== null) this.reply.value = reply;
      this.#write(textAtEnd(present.trim() === "" ? text : `${text}\n${present}`));
    });
    this.focusWish.value++;
  }

  /** Drops an edit of or a reply to a message that is gone. */
  forget(offset: number): void {
    if (this.editing.peek()?.offset === offset) this.#endEdit();
    if (this.reply.peek()?.offset === offset) this.reply.value = null;
  }

  /** Takes the text out to be sent and empties the box; null when there is nothing to send, or not like this. */
  take(): Outgoing | null {
    const text = prepareText(this.state.peek().text);
    const editing = this.editing.peek();
    if (text === "") {
      if (editing !== null) this.#refusal.value = "An empty message cannot be saved. Delete it instead.";
      return null;
    }
    const problem = findTextProblem(text);
    if (problem !== null) {
      if (this.problem.peek() === null) this.#refusal.value = problem;
      return null;
    }
    if (editing !== null) {
      this.#endEdit();
      return text === prepareText(editing.text) ? null : { kind: "edit", offset: editing.offset, text };
    }
    const replyTo = this.reply.peek()?.offset ?? null;
    batch(() => {
      this.reply.value = null;
      this.#write(EMPTY_TEXT);
    });
    this.completion.close();
    this.#drafts.flush();
    return { kind: "send", text, replyTo };
  }

  /** Most rooms are left with nothing but a draft, and that is kept elsewhere. */
  #leave(roomId: RoomId): void {
    const reply = this.reply.peek();
    const editing = this.editing.peek();
    if (reply === null && editing === null) return;
    const editText = editing === null ? "" : this.state.peek().text;
    this.#others.set(roomId, { reply, editing, editText });
  }

  #pressInList(press: KeyPress): boolean {
    const meaning = meaningInList(press);
    if (meaning === "next") this.completion.move(1);
    else if (meaning === "previous") this.completion.move(-1);
    else if (meaning === "close") this.completion.close();
    else if (meaning === "choose") this.complete();
    return meaning !== "ignored";
  }

  #endEdit(): void {
    const roomId = this.#roomId.peek();
    batch(() => {
      this.editing.value = null;
      this.#show(roomId === null ? "" : this.#drafts.text(roomId));
    });
  }

  #show(text: string): void {
    this.state.value = textAtEnd(text);
    this.#refusal.value = null;
    this.completion.close();
  }

  #write(state: TextState): void {
    const roomId = this.#roomId.peek();
    this.state.value = state;
    this.#refusal.value = null;
    if (roomId !== null && this.editing.peek() === null) this.#drafts.set(roomId, state.text);
  }
}

function countLeft(text: string): number | null {
  // UTF-16 units are never fewer than code points: short texts need no count.
  if (text.length <= MESSAGE_MAX_CODE_POINTS - COUNTDOWN_FROM) return null;
  const left = MESSAGE_MAX_CODE_POINTS - countCodePoints(prepareText(text));
  return left <= COUNTDOWN_FROM ? left : null;
}
