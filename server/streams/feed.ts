import type { RoomId, SessionId, TokenId, UserId } from "../../shared/ids.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { PresenceLease, StatusText } from "../../shared/presence.ts";

/** New events of a room, in order, after their commit. */
export interface CommittedNotice {
  readonly type: "committed";
  readonly roomId: RoomId;
  /** Oldest first, without gaps. */
  readonly events: readonly RoomEvent[];
  /** How many messages `messages.list` shows of the room after the last of `events`. */
  readonly messageCount: number;
}

/** Signed-in state ended. Both ids null means: all that this user has, tokens included. */
export interface SessionEndedNotice {
  readonly type: "session_ended";
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  readonly tokenId: TokenId | null;
  readonly reason: "ended" | "deactivated";
}

/** What every instance has to hear of. `committed` says what is durable; the rest says "look again". */
export type Notice =
  | CommittedNotice
  | SessionEndedNotice
  | { readonly type: "user_changed"; readonly userId: UserId }
  | { readonly type: "membership_changed"; readonly userId: UserId; readonly roomId: RoomId }
  | { readonly type: "room_changed"; readonly roomId: RoomId }
  | { readonly type: "read_state_changed"; readonly userId: UserId; readonly roomId: RoomId }
  | { readonly type: "typing"; readonly roomId: RoomId; readonly userId: UserId; readonly isTyping: boolean }
  | { readonly type: "presence"; readonly leases: readonly PresenceLease[] }
  | { readonly type: "status_text_changed"; readonly userId: UserId; readonly statusText: StatusText };

/** What an append says to other instances: where to look, never what was said. */
export interface StreamPointer {
  readonly roomId: RoomId;
  readonly from: number;
  readonly to: number;
  readonly messageCount: number;
}

/** One row of the feed between instances. Its key ends with the versionstamp of its commit. */
export type FeedRow =
  & {
    /** Instance that wrote it. */
    readonly from: string;
    /** When, in epoch ms, for collecting old rows only. */
    readonly at: number;
  }
  & ({ readonly pointer: StreamPointer } | { readonly notices: readonly Notice[] });

/** Rows that a feed puts into the commit of an append. */
export interface FeedRows {
  readonly sets: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  readonly stamped: readonly (readonly [prefix: Deno.KvKey, value: unknown])[];
}

/** Carries notices between the parts of one instance and, where there are several, between instances. */
export interface Feed {
  /** Tells everybody, this instance included, synchronously. Call it after the commit, never before. */
  publish(notice: Notice): void;
  /** Gives what has to stand in the commit of an append; null where no other instance listens. */
  rowsFor(pointer: StreamPointer): FeedRows | null;
  /** Hears every notice in order until the returned function is called. A handler must not throw. */
  subscribe(handler: (notice: Notice) => void): () => void;
}
