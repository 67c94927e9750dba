import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message, Reaction } from "../../shared/message.ts";

/** One emoji as stored. If `userIds` is null, the people are stored in a row of their own. */
export interface ReactionRow {
  readonly emoji: string;
  readonly userIds: UserId[] | null;
}

/** The current state of a message, as stored. */
export interface MessageRow {
  readonly by: UserId;
  readonly at: string;
  readonly text: string;
  readonly clientMessageId: string;
  /** Its number among the messages in `messages.list`: 1, 2, 3 … without gaps. */
  readonly ordinal: number;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly replyTo: number | null;
  readonly mentions: UserId[];
  readonly reactions: ReactionRow[];
}

/** A message row and its offset. */
export interface PlacedRow {
  readonly offset: number;
  readonly row: MessageRow;
}

/** Returns the message as everyone sees it; `reactions` must be complete. */
export function toMessage(roomId: RoomId, { offset, row }: PlacedRow, reactions: Reaction[]): Message {
  return {
    roomId,
    offset,
    by: row.by,
    at: row.at,
    text: row.text,
    clientMessageId: row.clientMessageId,
    editedAt: row.editedAt,
    deletedAt: row.deletedAt,
    replyTo: row.replyTo,
    threadRoot: null,
    replyCount: 0,
    mentions: row.mentions,
    mentionsRoom: false,
    reactions,
  };
}

/** Returns the row of a deleted message: its place, without its contents. */
export function tombstoneOf(row: MessageRow, deletedAt: string): MessageRow {
  return { ...row, text: "", deletedAt, mentions: [], reactions: [] };
}
