import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room, RoomKind, RoomLevel, RoomRole, RoomSummary } from "../../shared/room.ts";
import type { StreamHead } from "../streams/event_log.ts";

/** The row of a room. */
export interface RoomRow {
  readonly name: string;
  readonly kind: RoomKind;
  readonly topic: string;
  readonly createdAt: string;
  readonly createdBy: UserId;
  readonly archivedAt: string | null;
  /** The two members of a direct room, otherwise null. */
  readonly pair: readonly [UserId, UserId] | null;
}

/** The row of a member in a room. */
export interface MemberRow {
  readonly role: RoomRole;
  readonly joinedAt: string;
}

/** The row of a room in a member's list. */
export interface MemberOfRow {
  readonly readOffset: number;
  /** Ordinal of the last read message; the unread count is the stream's message count minus this. */
  readonly readCount: number;
  /** "all" counts only if the member chose it. */
  readonly level: RoomLevel;
  readonly isLevelChosen?: true;
  readonly mutedUntil: string | null;
  readonly joinedAt: string;
  /** Changes on joining and on marking unread; a `SentRow` with another mark is ignored. */
  readonly mark: number;
}

/**
 * The member's last own message with nothing unread before it. It has its own row, written without a check together
 * with the message, so that sending does not conflict with changes on other devices.
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

/** How far a member has read. */
export interface ReadPosition {
  readonly readOffset: number;
  readonly readCount: number;
}

/** Returns how far a member has read, by marking or by sending. */
export function readPosition({ row, sent }: ReadState): ReadPosition {
  if (sent !== null && sent.mark === row.mark && sent.ordinal > row.readCount) {
    return { readOffset: sent.offset, readCount: sent.ordinal };
  }
  return { readOffset: row.readOffset, readCount: row.readCount };
}

/** Returns the level that a member chose for the room, or null. */
export function ownLevelOf({ level, isLevelChosen }: MemberOfRow): RoomLevel | null {
  return isLevelChosen || level !== "all" ? level : null;
}

/** Returns the room as everyone sees it. */
export function roomOf(id: RoomId, row: RoomRow): Room {
  const { name, kind, topic, createdAt, archivedAt } = row;
  return { id, name, kind, topic, createdAt, archivedAt };
}

/** The parts of a summary. */
export interface SummaryParts {
  readonly roomId: RoomId;
  readonly row: RoomRow;
  readonly head: StreamHead;
  readonly state: ReadState;
  readonly mentionCount: number;
  readonly missedCallCount: number;
  /** The level of the member's rooms that have none of their own. */
  readonly defaultLevel: RoomLevel;
  readonly userId: UserId;
}

/** Returns the room as one member sees it. */
export function summarize(parts: SummaryParts): RoomSummary {
  const { roomId, row, head, state, mentionCount, missedCallCount, defaultLevel, userId } = parts;
  const ownLevel = ownLevelOf(state.row);
  const { readOffset, readCount } = readPosition(state);
  return {
    ...roomOf(roomId, row),
    head: head.offset,
    readOffset,
    // An own message may reach the read state slightly before the room's head.
    unread: Math.max(0, head.messageCount - readCount) + missedCallCount,
    mentions: mentionCount,
    level: ownLevel ?? defaultLevel,
    ownLevel,
    mutedUntil: state.row.mutedUntil,
    otherUserId: otherOf(row, userId),
  };
}

/** Returns the other person of a direct room, null for all other rooms. */
export function otherOf(row: RoomRow, userId: UserId): UserId | null {
  if (row.pair === null) return null;
  return row.pair[0] === userId ? row.pair[1] : row.pair[0];
}

/** Returns a room's row with changes applied, or null if nothing changes. */
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
