import type { CallId, RoomId, UserId } from "./ids.ts";
import type { Message } from "./message.ts";
import type { ReactionChange } from "./reactions.ts";
import type { Room, RoomRole, RoomSummary } from "./room.ts";
import type { SignalChange } from "./signals.ts";

interface MessageBody {
  /** Offset of the message that the event is about. */
  readonly messageOffset: number;
  /** In its current state. */
  readonly message: Message;
}

/** A message was sent or deleted. */
export interface MessageSentOrDeletedBody extends MessageBody {
  readonly type: "message_sent" | "message_deleted";
  readonly isWithoutReactions?: never;
}

interface ChangedMessageBody extends MessageBody {
  /** True if `message.reactions` is empty because the reactions are too large to send again: keep those you know. */
  readonly isWithoutReactions?: true;
}

/** The text of a message changed. */
export interface MessageEditedBody extends ChangedMessageBody {
  readonly type: "message_edited";
}

/** Somebody added or removed a reaction. */
export interface ReactionChangedBody extends ChangedMessageBody {
  readonly type: "reaction_changed";
  readonly reaction: ReactionChange;
}

/** Events about a message. */
export type MessageEventBody = MessageSentOrDeletedBody | MessageEditedBody | ReactionChangedBody;

/** Somebody joined, or got another role. */
export interface MemberRoleBody {
  readonly type: "member_joined" | "member_role_changed";
  readonly userId: UserId;
  readonly role: RoomRole;
}

/** Somebody left or was removed. */
export interface MemberLeftBody {
  readonly type: "member_left";
  readonly userId: UserId;
}

/** The name, topic or archive state of the room changed. */
export interface RoomUpdatedBody {
  readonly type: "room_updated";
  readonly room: Room;
}

/** A call began. */
export interface CallStartedBody {
  readonly type: "call_started";
  readonly callId: CallId;
}

/** A call ended. */
export interface CallEndedBody {
  readonly type: "call_ended";
  readonly callId: CallId;
  readonly durationMs: number;
  /** True if nobody but its starter ever took part. */
  readonly missed: boolean;
  /** Everybody who took part. */
  readonly userIds: readonly UserId[];
  /** Of a missed call: whom it rang for; absent if that was not noted. */
  readonly rang?: UserId[];
  /** Those of them who declined. */
  readonly declined?: UserId[];
}

/** Somebody handed a file to somebody in a call. */
export interface FileHandedBody {
  readonly type: "file_handed";
  readonly callId: CallId;
  readonly from: UserId;
  readonly to: UserId;
  readonly name: string;
  readonly bytes: number;
}

/** What happened in a room, without its place in the log. */
export type RoomEventBody = MessageEventBody | SystemEventBody;

/** Everything that is not about a message. */
export type SystemEventBody =
  | MemberRoleBody
  | MemberLeftBody
  | RoomUpdatedBody
  | CallStartedBody
  | CallEndedBody
  | FileHandedBody;

/** One entry of a room's log. The offsets of a room are 1, 2, 3 … without gaps. */
export type RoomEvent = { readonly offset: number; readonly at: string; readonly by: UserId } & RoomEventBody;

const IS_ABOUT_MESSAGE = {
  message_sent: true,
  message_edited: true,
  message_deleted: true,
  reaction_changed: true,
  member_joined: false,
  member_left: false,
  member_role_changed: false,
  room_updated: false,
  call_started: false,
  call_ended: false,
  file_handed: false,
} as const satisfies Record<RoomEventBody["type"], boolean>;

/** Returns who missed a call: it rang for them, nobody came, and they did not decline. */
export function missedBy({ rang = [], declined = [] }: CallEndedBody): UserId[] {
  return rang.filter((userId) => !declined.includes(userId));
}

/** Returns whether an event or its stored row is about a message. */
export function isMessageEvent<Event extends { readonly type: RoomEventBody["type"] }>(
  event: Event,
): event is Extract<Event, { readonly type: MessageEventBody["type"] }> {
  // Clients may get types that only a newer server knows.
  return Object.hasOwn(IS_ABOUT_MESSAGE, event.type) && IS_ABOUT_MESSAGE[event.type];
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
