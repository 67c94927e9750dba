import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import { OptimisticEdits } from "./optimistic_edits.ts";

/** What changes need. */
export interface MessageChangesOptions {
  readonly roomId: RoomId;
  readonly api: Pick<Trpc["messages"], "edit" | "delete" | "react">;
  readonly me: UserId;
  readonly onChange: () => void;
  readonly onNotice: (text: string) => void;
}

/** The event follows the answer, but nobody promises when. */
const SETTLE_MS = 3_000;

/** Edits, deletions and reactions: shown at once where that is safe, true once the log says so. */
export class MessageChanges {
  readonly #options: MessageChangesOptions;
  readonly #edits: OptimisticEdits;
  /** The latest wish for each thing; an earlier one must not undo it. */
  readonly #wishes = new Map<string, symbol>();
  /** Acknowledged wishes by message, which its next event settles. */
  readonly #settling = new Map<number, Set<() => void>>();

  constructor(options: MessageChangesOptions) {
    this.#options = options;
    this.#edits = new OptimisticEdits(options.me);
  }

  /** Gives the message as the person should see it. */
  show(message: Message): Message {
    return this.#edits.show(message);
  }

  /** Replaces the text of an own message. */
  edit(offset: number, text: string): void {
    const { api, roomId } = this.#options;
    this.#wish(offset, {
      name: "text",
      set: (isOn) => this.#edits.setText(offset, isOn ? text : null),
      call: () => api.edit.mutate({ roomId, offset, text }),
    });
  }

  /** Puts or takes away an own reaction. */
  react(offset: number, emoji: string, on: boolean): void {
    const { api, roomId } = this.#options;
    this.#wish(offset, {
      name: `reaction ${emoji}`,
      set: (isOn) => this.#edits.setReaction(offset, emoji, isOn ? on : null),
      call: () => api.react.mutate({ roomId, offset, emoji, on }),
    });
  }

  /** Deletes a message; it stays until the log says that it is gone. */
  delete(offset: number): void {
    const { api, roomId, onNotice } = this.#options;
    api.delete.mutate({ roomId, offset }).catch((error) => onNotice(readFailure(error).text));
  }

  /** An event about the message has come: what was acknowledged before is in it. */
  applied(offset: number): void {
    const settling = this.#settling.get(offset);
    if (settling === undefined) return;
    for (const settle of [...settling]) settle();
  }

  /** Forgets what is on its way. */
  dispose(): void {
    for (const offset of [...this.#settling.keys()]) this.applied(offset);
  }

  #wish(
    offset: number,
    wish: { name: string; set: (isOn: boolean) => void; call: () => Promise<unknown> },
  ): void {
    const key = `${offset} ${wish.name}`;
    const token = Symbol();
    this.#wishes.set(key, token);
    wish.set(true);
    this.#options.onChange();
    const end = () => {
      if (this.#wishes.get(key) !== token) return;
      this.#wishes.delete(key);
      wish.set(false);
      this.#options.onChange();
    };
    wish.call().then(() => this.#settleLater(offset, end), (error) => {
      end();
      this.#options.onNotice(readFailure(error).text);
    });
  }

  #settleLater(offset: number, end: () => void): void {
    const settling = this.#settling.get(offset) ?? new Set();
    this.#settling.set(offset, settling);
    const settle = () => {
      clearTimeout(timer);
      settling.delete(settle);
      if (settling.size === 0) this.#settling.delete(offset);
      end();
    };
    const timer = setTimeout(settle, SETTLE_MS);
    settling.add(settle);
  }
}
