import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message, Reaction } from "../../shared/message.ts";

/** One emoji as kept. Where `userIds` is null so many chose it that they stand in a row of their own. */
export interface ReactionRow {
  readonly emoji: string;
  readonly userIds: UserId[] | null;
}

/** The current state of a message, as kept. */
export interface MessageRow {
  readonly by: UserId;
  readonly at: string;
  readonly text: string;
  readonly clientMessageId: string;
  /** Its number among the messages that `messages.list` shows: 1, 2, 3 … without gaps. */
  readonly ordinal: number;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly replyTo: number | null;
  readonly mentions: UserId[];
  readonly reactions: ReactionRow[];
}

/** A message row with its place. */
export interface PlacedRow {
  readonly offset: number;
  readonly row: MessageRow;
}

/** The message as everybody sees it; `reactions` are complete. */
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

/** What is left of a message after it was deleted: its place, and nothing that was said. */
export function tombstoneOf(row: MessageRow, deletedAt: string): MessageRow {
  return { ...row, text: "", deletedAt, mentions: [], reactions: [] };
}
