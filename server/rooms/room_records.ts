import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room, RoomKind, RoomLevel, RoomRole, RoomSummary } from "../../shared/room.ts";
import type { StreamHead } from "../streams/event_log.ts";

/** What is kept of a room. */
export interface RoomRow {
  readonly name: string;
  readonly kind: RoomKind;
  readonly topic: string;
  readonly createdAt: string;
  readonly createdBy: UserId;
  readonly archivedAt: string | null;
  /** The two people of a direct room, else null. */
  readonly pair: readonly [UserId, UserId] | null;
}

/** What the room keeps of a member. */
export interface MemberRow {
  readonly role: RoomRole;
  readonly joinedAt: string;
}

/** What the member keeps of the room. */
export interface MemberOfRow {
  readonly readOffset: number;
  /** Ordinal of the last message read; unread is the stream's message count minus this. */
  readonly readCount: number;
  readonly level: RoomLevel;
  readonly mutedUntil: string | null;
  readonly joinedAt: string;
  /** Changes when somebody joins or marks unread; a `SentRow` with another mark no longer counts. */
  readonly mark: number;
}

/**
 * The member's last own message that followed nothing unread. It stands in a row of its own, written blindly with
 * the message: a send neither reads nor checks what another device may be changing.
 */
export interface SentRow {
  readonly offset: number;
  readonly ordinal: number;
  readonly mark: number;
}

/** Both rows of a member's read state. */
export interface ReadState {
  readonly row: MemberOfRow;
  readonly sent: SentRow | null;
  /** Versionstamp of `row`. */
  readonly stamp: string;
}

/** How far somebody has read. */
export interface ReadPosition {
  readonly readOffset: number;
  readonly readCount: number;
}

/** Finds how far a member has read, by marking and by sending. */
export function readPosition({ row, sent }: ReadState): ReadPosition {
  if (sent !== null && sent.mark === row.mark && sent.ordinal > row.readCount) {
    return { readOffset: sent.offset, readCount: sent.ordinal };
  }
  return { readOffset: row.readOffset, readCount: row.readCount };
}

/** The room as everybody sees it. */
export function roomOf(id: RoomId, row: RoomRow): Room {
  const { name, kind, topic, createdAt, archivedAt } = row;
  return { id, name, kind, topic, createdAt, archivedAt };
}

/** What a summary is made of. */
export interface SummaryParts {
  readonly roomId: RoomId;
  readonly row: RoomRow;
  readonly head: StreamHead;
  readonly state: ReadState;
  readonly mentionCount: number;
  readonly userId: UserId;
}

/** The room as one member sees it. */
export function summarize(parts: SummaryParts): RoomSummary {
  const { roomId, row, head, state, mentionCount, userId } = parts;
  const { readOffset, readCount } = readPosition(state);
  return {
    ...roomOf(roomId, row),
    head: head.offset,
    readOffset,
    // An own message may be in the read state a moment before its room's head is.
    unread: Math.max(0, head.messageCount - readCount),
    mentions: mentionCount,
    level: state.row.level,
    mutedUntil: state.row.mutedUntil,
    otherUserId: otherOf(row, userId),
  };
}

/** The other person of a direct room; null in all other rooms. */
export function otherOf(row: RoomRow, userId: UserId): UserId | null {
  if (row.pair === null) return null;
  return row.pair[0] === userId ? row.pair[1] : row.pair[0];
}

/** Gives a room's row with what changes of it; null without a difference. */
export function changedRow(
  row: RoomRow,
  change: {
    readonly name?: string | undefined;
    readonly topic?: string | undefined;
    readonly isArchived?: boolean | undefined;
  },
  nowMs: number,
): RoomRow | null {
  const { name = row.name, topic = row.topic, isArchived } = change;
  const wasArchived = row.archivedAt !== null;
  if (name === row.name && topic === row.topic && (isArchived ?? wasArchived) === wasArchived) return null;
  const archivedAt = isArchived === undefined || isArchived === wasArchived
    ? row.archivedAt
    : isArchived
    ? new Date(nowMs).toISOString()
    : null;
  return { ...row, name, topic, archivedAt };
}
