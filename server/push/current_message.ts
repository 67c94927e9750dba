import type { RoomId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";

/** A message that is being pushed, as it is now; read once for all devices, and again after each change. */
export class CurrentMessage {
  readonly roomId: RoomId;
  readonly offset: number;
  readonly #read: (roomId: RoomId, offset: number) => Promise<Message | null>;
  #reading: Promise<Message | null> | null = null;
  #version = 0;

  constructor(
    { roomId, offset }: Pick<Message, "roomId" | "offset">,
    read: (roomId: RoomId, offset: number) => Promise<Message | null>,
  ) {
    this.roomId = roomId;
    this.offset = offset;
    this.#read = read;
  }

  /** Call it when the message was edited or deleted. */
  changed(): void {
    this.#version++;
    this.#reading = null;
  }

  /** Calls `send` with the message, and again if it changed meanwhile; returns what the last call returned. */
  async send(
    send: (message: Message, isCurrent: () => boolean) => Promise<boolean>,
  ): Promise<boolean> {
    for (;;) {
      const version = this.#version;
      const isCurrent = () => version === this.#version;
      const message = await (this.#reading ??= this.#read(this.roomId, this.offset));
      if (!isCurrent()) continue;
      if (message === null || message.deletedAt !== null) return true;
      const isDone = await send(message, isCurrent);
      if (isCurrent()) return isDone;
    }
  }
}
