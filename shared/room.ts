import type { RoomId, UserId } from "./ids.ts";
import type { User } from "./user.ts";

/** Who can find and read a room. */
export type RoomKind = "public" | "private" | "direct";
/** A member's role in a room, besides their role in the workspace. */
export type RoomRole = "moderator" | "member";
/** What a member wants to be notified of. */
export type RoomLevel = "all" | "mentions" | "none";

/** A place with members. A direct room has exactly two, and an empty name. */
export interface Room {
  readonly id: RoomId;
  readonly name: string;
  readonly kind: RoomKind;
  readonly topic: string;
  readonly createdAt: string;
  readonly archivedAt: string | null;
}

/** A room as seen by a member. `unread` is the message count of the head minus the member's read count. */
export interface RoomSummary extends Room {
  readonly head: number;
  readonly readOffset: number;
  readonly unread: number;
  readonly mentions: number;
  /** That of the room, or of the settings if it has none. */
  readonly level: RoomLevel;
  /** What the member chose for this room; null if nothing. */
  readonly ownLevel: RoomLevel | null;
  readonly mutedUntil: string | null;
  /** The other person of a direct room; otherwise null. */
  readonly otherUserId: UserId | null;
}

/** A member of a room. */
export interface RoomMember {
  readonly user: User;
  readonly role: RoomRole;
  readonly joinedAt: string;
}
