import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Commit, Database } from "../../server/kv/database.ts";
import { keys } from "../../server/kv/keys.ts";
import type { RoomAppendRequest } from "../../server/rooms/room_stream.ts";
import { messageOf } from "./stream_kit.ts";

/** Returns this many room ids. */
export function roomIds(count: number): RoomId[] {
  return Array.from({ length: count }, (_, index) => `room${String(index).padStart(12, "0")}` as RoomId);
}

/** An append request that sends a message to a room once. */
export function sendTo(
  roomId: RoomId,
  by: UserId,
  clientMessageId: string,
  text = clientMessageId,
): RoomAppendRequest {
  return {
    by,
    dedupeKey: keys.dedupe(roomId, by, clientMessageId),
    build: ({ offset }) => {
      const message = { ...messageOf(by, offset, text), roomId, clientMessageId };
      return {
        body: { type: "message_sent", messageOffset: offset, message },
        sets: [[keys.message(roomId, offset), message]],
        countsAsMessage: true,
      };
    },
  };
}

/** Real storage that records each commit and whether its checks held. */
export class RecordingDatabase implements Database {
  readonly commits: { readonly commit: Commit; readonly isHeld: boolean }[] = [];
  readonly #inner: Database;
  readonly get: Database["get"];
  readonly getMany: Database["getMany"];
  readonly list: Database["list"];

  constructor(inner: Database) {
    this.#inner = inner;
    this.get = (key) => inner.get(key);
    this.getMany = (many) => inner.getMany(many);
    this.list = (prefix, options) => inner.list(prefix, options);
  }

  async commit(commit: Commit): Promise<string | null> {
    // Recorded before it ends: two that run at the same time may end in either order.
    const record = { commit, isHeld: false };
    this.commits.push(record);
    const versionstamp = await this.#inner.commit(commit);
    record.isHeld = versionstamp !== null;
    return versionstamp;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
