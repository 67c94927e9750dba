import type { RoomId, UserId } from "./ids.ts";
import type { User } from "./user.ts";

/** Who can find and read a room. */
export type RoomKind = "public" | "private" | "direct";
/** What a member may do in one room beyond its workplace role. */
export type RoomRole = "moderator" | "member";
/** What a member wants to be told of. */
export type RoomLevel = "all" | "mentions" | "none";

/** A place with members. A direct room has exactly two and an empty name. */
export interface Room {
  readonly id: RoomId;
  readonly name: string;
  readonly kind: RoomKind;
  readonly topic: string;
  readonly createdAt: string;
  readonly archivedAt: string | null;
}

/** A room as one of its members sees it. `unread` is the head's message count minus the member's read count. */
export interface RoomSummary extends Room {
  readonly head: number;
  readonly readOffset: number;
  readonly unread: number;
  readonly mentions: number;
  readonly level: RoomLevel;
  readonly mutedUntil: string | null;
  /** The other person of a direct room; null in all other rooms. */
  readonly otherUserId: UserId | null;
}

/** Somebody who is in a room. */
export interface RoomMember {
  readonly user: User;
  readonly role: RoomRole;
  readonly joinedAt: string;
}
