import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { CompletionItem } from "./completion_model.ts";
import type { KeyPress } from "./composer_keys.ts";
import { ComposerModel, isCommand } from "./composer_model.ts";
import type { ComposerOptions } from "./composer_model.ts";
import type {
  ConversationScope,
  DraftKey,
  EditTarget,
  ReplyTarget,
  WritePermission,
} from "./composer_scope.ts";
import { EMPTY_TEXT, insertEmoji, textAtEnd } from "./text_edits.ts";

/** The reply or edit of a conversation while another one is open. */
interface Unfinished {
  readonly reply: ReplyTarget | null;
  readonly editing: EditTarget | null;
  /** The text of the edit. */
  readonly text: string;
}

/** Makes the composer of a scope; a reply or an edit that was left unfinished there is resumed. */
export type CreateComposer = (scope: ConversationScope) => ConversationComposer;

/** Returns the `createComposer` of a tab. */
export function composerFactory(options: ComposerOptions): CreateComposer {
  const unfinished = new Map<DraftKey, Unfinished>();
  return (scope) => new ConversationComposer(scope, options, unfinished);
}

/** The composer of a room or a thread: for a new message, or for an edit in its place. */
export class ConversationComposer {
  readonly options: ComposerOptions;
  readonly #scope: ConversationScope;
  readonly #unfinished: Map<DraftKey, Unfinished>;
  readonly #draft: ComposerModel;
  readonly #reply = signal<ReplyTarget | null>(null);
  readonly #editing = signal<EditTarget | null>(null);
  readonly #shown: Signal<ComposerModel>;
  readonly #focusWish = signal(0);
  #isFocused = false;

  /** The message that the next one answers. */
  readonly reply: ReadonlySignal<ReplyTarget | null> = this.#reply;
  /** The message that is being edited. */
  readonly editing: ReadonlySignal<EditTarget | null> = this.#editing;
  /** The composer that the box shows: that of the edit, or else that of the draft. */
  readonly shown: ReadonlySignal<ComposerModel>;
  readonly permission: ReadonlySignal<WritePermission>;
  /** Grows each time the box should take the focus. */
  readonly focusWish: ReadonlySignal<number> = this.#focusWish;

  constructor(scope: ConversationScope, options: ComposerOptions, unfinished: Map<DraftKey, Unfinished>) {
    this.#scope = scope;
    this.options = options;
    this.#unfinished = unfinished;
    this.permission = computed(scope.permission);
    this.#draft = new ComposerModel({
      ...scope,
      send: (text) => {
        const replyTo = this.#reply.peek()?.offset ?? null;
        this.#reply.value = null;
        scope.send(text, replyTo);
      },
    }, options);
    this.shown = this.#shown = signal(this.#draft);
    const { reply = null, editing = null, text = "" } = unfinished.get(scope.draftKey) ?? {};
    this.#reply.value = reply;
    if (editing !== null) this.#openEdit(editing).write(textAtEnd(text));
  }

  /** Keeps an unfinished reply or edit for the next time. */
  [Symbol.dispose](): void {
    const { draftKey } = this.#scope;
    const reply = this.#reply.peek();
    const editing = this.#editing.peek();
    const { text } = this.#shown.peek().state.peek();
    if (reply === null && editing === null) this.#unfinished.delete(draftKey);
    else this.#unfinished.set(draftKey, { reply, editing, text });
    this.#closeEdit();
    this.#draft[Symbol.dispose]();
  }

  /** The box got or lost the focus. */
  setFocused(isFocused: boolean): void {
    this.#isFocused = isFocused;
    this.#shown.peek().setFocused(isFocused);
  }

  /** The user left the box. */
  blur(): void {
    this.setFocused(false);
    this.#scope.onBlur?.();
  }

  /** Handles a key; false if it is left to the browser. */
  press(press: KeyPress): boolean {
    const outcome = this.#shown.peek().press(press);
    if (outcome === "cancel") return this.cancel();
    if (outcome === "edit_last") return this.#editLast();
    if (outcome === "send") this.submit();
    return outcome !== "ignored";
  }

  /** Inserts an item of the completion list. */
  complete(item: CompletionItem): void {
    this.#shown.peek().complete(item);
    this.#focusWish.value++;
  }

  /** Inserts an emoji of the picker. */
  addEmoji(emoji: string): void {
    const shown = this.#shown.peek();
    shown.write(insertEmoji(shown.state.peek(), emoji));
    this.#focusWish.value++;
  }

  /** Sends the message or saves the edit, if its text can be sent, or hands over a command. */
  submit(): void {
    const { text } = this.#draft.state.peek();
    if (this.#shown.peek() === this.#draft && isCommand(text)) {
      // Whatever is wrong, the text stays.
      void this.#scope.commands?.().submit(text).then((isDone) => {
        if (isDone && this.#draft.state.peek().text === text) this.#draft.write(EMPTY_TEXT);
      });
      return this.#draft.completion.close();
    }
    batch(() => {
      if (this.#shown.peek().submit()) this.#closeEdit();
    });
  }

  /** Starts a reply to a message. */
  startReply(target: ReplyTarget): void {
    this.#closeEdit();
    this.#reply.value = target;
    this.#focusWish.value++;
  }

  /** Starts to edit a message. */
  startEdit(target: EditTarget): void {
    this.#openEdit(target);
    this.#focusWish.value++;
  }

  /** Cancels the edit, or else the reply; false if there is neither. */
  cancel(): boolean {
    if (this.#editing.peek() !== null) this.#closeEdit();
    else if (this.#reply.peek() !== null) this.#reply.value = null;
    else return false;
    this.#focusWish.value++;
    return true;
  }

  /** Moves the text of a failed message back into the box, before the current text. */
  restore(text: string, reply: ReplyTarget | null): void {
    this.#closeEdit();
    batch(() => {
      if (reply !== null) this.#reply.value = reply;
      this.#draft.prepend(text);
    });
    this.#focusWish.value++;
  }

  /** Cancels the edit of, or the reply to, a message that was deleted. */
  forget(offset: number): void {
    if (this.#editing.peek()?.offset === offset) this.#closeEdit();
    if (this.#reply.peek()?.offset === offset) this.#reply.value = null;
  }

  #editLast(): boolean {
    if (this.#editing.peek() !== null) return false;
    const target = this.#scope.lastOwn();
    if (target !== null) this.startEdit(target);
    return true;
  }

  #openEdit(target: EditTarget): ComposerModel {
    const { people, permission, edit } = this.#scope;
    const composer = new ComposerModel({
      people,
      permission,
      draftKey: null,
      original: target.text,
      send: (text) => edit(target.offset, text),
    }, this.options);
    this.#show(composer, target);
    return composer;
  }

  #closeEdit(): void {
    this.#show(this.#draft, null);
  }

  #show(composer: ComposerModel, editing: EditTarget | null): void {
    const before = this.#shown.peek();
    before.setFocused(false);
    batch(() => {
      this.#shown.value = composer;
      this.#editing.value = editing;
    });
    composer.setFocused(this.#isFocused);
    if (before !== this.#draft) before[Symbol.dispose]();
  }
}
