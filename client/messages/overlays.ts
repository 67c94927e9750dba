import type { UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { withReaction } from "../../shared/reactions.ts";

/** What a person has done to a message and the server has not told of yet. */
interface Overlay {
  readonly text: string | null;
  /** Emoji and whether the person wants it there. */
  readonly reactions: ReadonlyMap<string, boolean>;
}

const NOTHING: Overlay = { text: null, reactions: new Map() };

/** Own changes that are shown before the log confirms them; the log's word always replaces them. */
export class Overlays {
  readonly #me: UserId;
  readonly #byOffset = new Map<number, Overlay>();
  /** What a message looks like under its overlay, so that rows stay the same objects. */
  readonly #shown = new WeakMap<Message, { readonly overlay: Overlay; readonly message: Message }>();

  constructor(me: UserId) {
    this.#me = me;
  }

  /** Shows another text. */
  setText(offset: number, text: string | null): void {
    this.#set(offset, { ...this.#get(offset), text });
  }

  /** Shows a reaction as there or gone; null leaves it as the log has it. */
  setReaction(offset: number, emoji: string, on: boolean | null): void {
    const overlay = this.#get(offset);
    const reactions = new Map(overlay.reactions);
    if (on === null) reactions.delete(emoji);
    else reactions.set(emoji, on);
    this.#set(offset, { ...overlay, reactions });
  }

  /** Gives the message as the person should see it. */
  show(message: Message): Message {
    const overlay = this.#byOffset.get(message.offset);
    if (overlay === undefined || message.deletedAt !== null) return message;
    const known = this.#shown.get(message);
    if (known?.overlay === overlay) return known.message;
    const shown = applyOverlay(message, overlay, this.#me);
    this.#shown.set(message, { overlay, message: shown });
    return shown;
  }

  #get(offset: number): Overlay {
    return this.#byOffset.get(offset) ?? NOTHING;
  }

  #set(offset: number, overlay: Overlay): void {
    if (overlay.text === null && overlay.reactions.size === 0) this.#byOffset.delete(offset);
    else this.#byOffset.set(offset, overlay);
  }
}

function applyOverlay(message: Message, overlay: Overlay, me: UserId): Message {
  let reactions = message.reactions;
  for (const [emoji, on] of overlay.reactions) {
    reactions = withReaction(reactions, { emoji, userId: me, on });
  }
  return { ...message, reactions, text: overlay.text ?? message.text };
}
