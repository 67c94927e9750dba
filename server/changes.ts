import type { RoomId, SessionId, TokenId, UserId } from "../shared/ids.ts";
import type { StatusText } from "../shared/presence.ts";
import type { RoomLevel } from "../shared/room.ts";
import type { CallRow } from "./calls/call_record.ts";
import type { ChangeTypes, Feed as FeedOf, Notice as NoticeOf } from "./streams/feed.ts";

/** Signed-in state ended. Both ids null means everything that this user has, tokens included. */
export interface SessionEnded {
  readonly type: "session_ended";
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  readonly tokenId: TokenId | null;
  readonly reason: "ended" | "deactivated";
}

/** Changes outside streams that instances tell each other: "look again" at something stored. */
export type Change =
  | SessionEnded
  | { readonly type: "user_changed"; readonly userId: UserId }
  | { readonly type: "read_state_changed"; readonly userId: UserId; readonly roomId: RoomId }
  /** A call changed, but neither began nor ended, which are events of the room. */
  | { readonly type: "call_changed"; readonly roomId: RoomId; readonly row: CallRow }
  /** `level` is that of rooms without one of their own. */
  | { readonly type: "settings_changed"; readonly userId: UserId; readonly level: RoomLevel }
  | { readonly type: "push_subscribed"; readonly userId: UserId }
  | { readonly type: "status_text_changed"; readonly userId: UserId; readonly statusText: StatusText };

/** What the feed has to know of each of them. */
export const CHANGES: ChangeTypes<Change> = {
  session_ended: { hasState: false },
  user_changed: { hasState: false },
  read_state_changed: { hasState: false },
  // Rows have revisions, so their order does not matter.
  call_changed: { hasState: false },
  push_subscribed: { hasState: false },
  settings_changed: { hasState: true },
  status_text_changed: { hasState: true },
};

/** The feed with all changes of this server. */
export type Feed = FeedOf<Change>;
/** Everything that this server's feed delivers. */
export type Notice = NoticeOf<Change>;
