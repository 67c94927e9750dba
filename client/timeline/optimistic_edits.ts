import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { withReaction } from "../../shared/reactions.ts";

/** Changes of a message that the server has not confirmed yet. */
interface OptimisticEdit {
  readonly text: string | null;
  /** By emoji: whether the user added or removed it. */
  readonly reactions: ReadonlyMap<string, boolean>;
}

const NOTHING: OptimisticEdit = { text: null, reactions: new Map() };

/** The user's own changes, shown until the log has the message's new state. */
export class OptimisticEdits {
  readonly #me: UserId;
  readonly #byOffset = new Map<number, OptimisticEdit>();
  /** Edited messages by original, so that rows stay the same objects. */
  readonly #shown = new WeakMap<Message, { readonly edit: OptimisticEdit; readonly message: Message }>();

  constructor(me: UserId) {
    this.#me = me;
  }

  /** Shows another text; null shows the log's again. */
  setText(offset: number, text: string | null): void {
    this.#set(offset, { ...this.#get(offset), text });
  }

  /** Shows a reaction as added or removed; null shows it as the log has it. */
  setReaction(offset: number, emoji: string, on: boolean | null): void {
    const edit = this.#get(offset);
    const reactions = new Map(edit.reactions);
    if (on === null) reactions.delete(emoji);
    else reactions.set(emoji, on);
    this.#set(offset, { ...edit, reactions });
  }

  /** Returns the message with the user's own changes. */
  show(message: Message): Message {
    const edit = this.#byOffset.get(message.offset);
    if (edit === undefined || message.deletedAt !== null) return message;
    const known = this.#shown.get(message);
    if (known?.edit === edit) return known.message;
    const shown = applyEdit(message, edit, this.#me);
    this.#shown.set(message, { edit, message: shown });
    return shown;
  }

  #get(offset: number): OptimisticEdit {
    return this.#byOffset.get(offset) ?? NOTHING;
  }

  #set(offset: number, edit: OptimisticEdit): void {
    if (edit.text === null && edit.reactions.size === 0) this.#byOffset.delete(offset);
    else this.#byOffset.set(offset, edit);
  }
}

function applyEdit(message: Message, edit: OptimisticEdit, me: UserId): Message {
  let reactions = message.reactions;
  for (const [emoji, on] of edit.reactions) {
    reactions = withReaction(reactions, { emoji, userId: me, on });
  }
  return { ...message, reactions, text: edit.text ?? message.text };
}
