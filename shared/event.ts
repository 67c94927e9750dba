import type { RoomId, UserId } from "./ids.ts";
import type { Message } from "./message.ts";
import type { ReactionChange } from "./reactions.ts";
import type { Room, RoomRole, RoomSummary } from "./room.ts";
import type { SignalChange } from "./signals.ts";

/** Events about a message. They are delivered with its current state, sometimes without its reactions. */
export interface MessageEventBody {
  readonly type: "message_sent" | "message_edited" | "message_deleted" | "reaction_changed";
  /** Offset of the message that the event is about. */
  readonly messageOffset: number;
  readonly message: Message;
  /** The change, for `reaction_changed`. */
  readonly reaction?: ReactionChange;
  /** True if `message.reactions` is empty because the reactions are too large to send again: keep those you know. */
  readonly isWithoutReactions?: true;
}

/** Events about membership. */
export interface MemberEventBody {
  readonly type: "member_joined" | "member_left" | "member_role_changed";
  readonly userId: UserId;
  readonly role?: RoomRole;
}

/** The name, topic or archive state of the room changed. */
export interface RoomUpdatedBody {
  readonly type: "room_updated";
  readonly room: Room;
}

/** What happened in a room, without its place in the log. */
export type RoomEventBody = MessageEventBody | MemberEventBody | RoomUpdatedBody;

/** Everything that is not about a message. */
export type SystemEventBody = Exclude<RoomEventBody, MessageEventBody>;

/** One entry of a room's log. The offsets of a room are 1, 2, 3 … without gaps. */
export type RoomEvent = { readonly offset: number; readonly at: string; readonly by: UserId } & RoomEventBody;

const IS_ABOUT_MESSAGE: Readonly<Record<RoomEventBody["type"], boolean>> = {
  message_sent: true,
  message_edited: true,
  message_deleted: true,
  reaction_changed: true,
  member_joined: false,
  member_left: false,
  member_role_changed: false,
  room_updated: false,
};

/** Returns whether an event or its stored row is about a message. */
export function isMessageEvent<Event extends { readonly type: RoomEventBody["type"] }>(
  event: Event,
): event is Event & { readonly type: MessageEventBody["type"] } {
  return IS_ABOUT_MESSAGE[event.type] === true;
}

/** Not in the log: where a subscription starts, or that its position is no longer valid. */
export interface StreamControl {
  readonly type: "subscribed" | "resync_required";
  readonly offset: number;
}

/** What `rooms.onChange` yields. */
export type RoomsChange =
  | { readonly type: "snapshot"; readonly rooms: RoomSummary[] }
  | { readonly type: "room_changed"; readonly room: RoomSummary }
  | { readonly type: "room_removed"; readonly roomId: RoomId }
  | { readonly type: "heads"; readonly heads: Record<RoomId, number> }
  | SignalChange;
