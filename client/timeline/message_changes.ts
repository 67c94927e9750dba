import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import { OptimisticEdits } from "./optimistic_edits.ts";

/** Options of `MessageChanges`. */
export interface MessageChangesOptions {
  readonly roomId: RoomId;
  readonly api: Pick<Trpc["messages"], "edit" | "delete" | "react">;
  readonly me: UserId;
  readonly onChange: () => void;
  readonly onNotice: (text: string) => void;
}

/** The event follows the answer, at some time. */
const SETTLE_MS = 3_000;

/** Edits, deletes and reacts to messages; edits and reactions are shown before the server confirms them. */
export class MessageChanges {
  readonly #options: MessageChangesOptions;
  readonly #edits: OptimisticEdits;
  /** The latest change of each thing; the answer to an earlier one must not undo it. */
  readonly #wishes = new Map<string, symbol>();
  /** Acknowledged changes by message; they end with its next event. */
  readonly #settling = new Map<number, Set<() => void>>();

  constructor(options: MessageChangesOptions) {
    this.#options = options;
    this.#edits = new OptimisticEdits(options.me);
  }

  /** Returns the message with the user's own changes. */
  show(message: Message): Message {
    return this.#edits.show(message);
  }

  /** Replaces the text of a message. */
  edit(offset: number, text: string): void {
    const { api, roomId } = this.#options;
    this.#wish(offset, {
      name: "text",
      set: (isOn) => this.#edits.setText(offset, isOn ? text : null),
      call: () => api.edit.mutate({ roomId, offset, text }),
    });
  }

  /** Adds or removes the user's reaction. */
  react(offset: number, emoji: string, on: boolean): void {
    const { api, roomId } = this.#options;
    this.#wish(offset, {
      name: `reaction ${emoji}`,
      set: (isOn) => this.#edits.setReaction(offset, emoji, isOn ? on : null),
      call: () => api.react.mutate({ roomId, offset, emoji, on }),
    });
  }

  /** Deletes a message, which stays visible until its event arrives. */
  delete(offset: number): void {
    const { api, roomId, onNotice } = this.#options;
    api.delete.mutate({ roomId, offset }).catch((error) => onNotice(readFailure(error).text));
  }

  /** An event of the message has arrived, and includes all changes acknowledged before. */
  applied(offset: number): void {
    const settling = this.#settling.get(offset);
    if (settling === undefined) return;
    for (const settle of [...settling]) settle();
  }

  /** Stops all timers. */
  [Symbol.dispose](): void {
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
