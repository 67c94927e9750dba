import type { RoomId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { PendingMessage } from "./grouping.ts";
import type { OutboxItem } from "../outbox/outbox_storage.ts";

/** One object per item, so that its row does not change. */
const shown = new WeakMap<OutboxItem, PendingMessage>();

/** Returns a room's part of the outbox as messages. */
export function pendingMessages(items: readonly OutboxItem[], roomId: RoomId): PendingMessage[] {
  return items.filter((item) => item.roomId === roomId).map((item) => {
    let pending = shown.get(item);
    if (pending === undefined) {
      pending = { message: messageOf(item), problem: item.problem };
      shown.set(item, pending);
    }
    return pending;
  });
}

function messageOf(item: OutboxItem): Message {
  return {
    roomId: item.roomId,
    // After all others.
    offset: Number.MAX_SAFE_INTEGER,
    by: item.userId,
    at: item.at,
    text: item.text,
    clientMessageId: item.clientMessageId,
    editedAt: null,
    deletedAt: null,
    replyTo: item.replyTo,
    threadRoot: null,
    replyCount: 0,
    mentions: [],
    mentionsRoom: false,
    reactions: [],
  };
}
