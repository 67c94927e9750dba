import type { AppError } from "../../shared/errors.ts";
import type {
  CallEndedBody,
  CallStartedBody,
  FileHandedBody,
  MemberLeftBody,
  MemberRoleBody,
  MessageEditedBody,
  MessageSentOrDeletedBody,
  ReactionChangedBody,
  RoomEvent,
  RoomEventBody,
  RoomUpdatedBody,
  SystemEventBody,
} from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { ReactionChange } from "../../shared/reactions.ts";
import type { Room } from "../../shared/room.ts";
import { keys } from "../kv/keys.ts";
import type { AppendRequest, Built, EventLog } from "../streams/event_log.ts";
import type { CommittedNotice, Notice } from "../streams/feed.ts";
import type { LoggedRow, Occasion, StreamKind } from "../streams/stream_kind.ts";

interface Stamp {
  readonly by: UserId;
  readonly at: string;
}

/** The stored row of an event about a message. It holds no text: the message's own row has the current state. */
export type MessageEventRow =
  & Stamp
  & (
    | Omit<MessageSentOrDeletedBody | MessageEditedBody, "message" | "isWithoutReactions">
    // The reaction of `by`.
    | Pick<ReactionChangedBody, "type" | "messageOffset"> & {
      readonly reaction: Omit<ReactionChange, "userId">;
    }
  );

/** The stored row of any other event; the room's own row has its current name and topic. */
export type SystemEventRow =
  & Stamp
  & (
    | MemberRoleBody
    | MemberLeftBody
    | Omit<RoomUpdatedBody, "room">
    | CallStartedBody
    | CallEndedBody
    | FileHandedBody
  );

/** The stored row of a room event. */
export type RoomEventRow = MessageEventRow | SystemEventRow;

/** The types of a room's stream. */
export interface RoomTypes {
  readonly id: RoomId;
  readonly body: RoomEventBody;
  readonly row: RoomEventRow;
  readonly event: RoomEvent;
}

/** The log of every room. */
export type RoomEventLog = EventLog<RoomTypes>;
/** A request to append an event to a room. */
export type RoomAppendRequest = AppendRequest<RoomTypes>;
/** What an append request writes besides its event row. */
export type RoomBuilt = Built<RoomTypes>;
/** An event row of a room and its offset. */
export type LoggedRoomRow = LoggedRow<RoomEventRow>;
/** New events of a room. */
export type RoomNotice = CommittedNotice<RoomTypes>;

export interface RoomStreamOptions {
  /** Turns rows into events, with the current state of their messages. */
  readonly materialize: (roomId: RoomId, rows: readonly LoggedRoomRow[]) => Promise<RoomEvent[]>;
  /** Returns the error for former members whose subscriptions end; it reveals no more than they may see now. */
  readonly lossOf: (roomId: RoomId) => AppError;
}

const NAME = "room";

/** Returns the topic of a room's events. */
export function roomTopic(roomId: RoomId): string {
  return `room:${roomId}`;
}

/** Returns whether a notice is about new events of a room. */
export function isRoomNotice(notice: Notice): notice is RoomNotice {
  return notice.type === "committed" && notice.kind === NAME;
}

/** Returns the stream kind of rooms. */
export function roomStream({ materialize, lossOf }: RoomStreamOptions): StreamKind<RoomTypes> {
  return {
    name: NAME,
    keys: { head: keys.streamHead, rows: keys.events, row: keys.event },
    topicOf: roomTopic,
    toRow,
    toEvent: (body, { offset, at, by }) => ({ offset, at, by, ...body }),
    materialize,
    lossBy: (roomId, event) =>
      event.type === "member_left" ? { userId: event.userId, error: lossOf(roomId) } : null,
  };
}

/** Restores the body of an event from its row and the current state of its room. */
export function bodyOf(row: SystemEventRow, room: Room | null): SystemEventBody {
  switch (row.type) {
    case "room_updated":
      if (room === null) throw new Error("Cannot find the room of an event");
      return { type: row.type, room };
    case "member_joined":
    case "member_role_changed":
      return { type: row.type, userId: row.userId, role: row.role };
    case "member_left":
      return { type: row.type, userId: row.userId };
    case "call_started":
      return { type: row.type, callId: row.callId };
    case "call_ended": {
      const { by: _by, at: _at, ...body } = row;
      return body;
    }
    case "file_handed": {
      const { type, callId, from, to, name, bytes } = row;
      return { type, callId, from, to, name, bytes };
    }
  }
}

/** Returns the stored fields of an event: never text, and for a reaction not the person. */
function toRow(body: RoomEventBody, { by, at }: Occasion): RoomEventRow {
  switch (body.type) {
    case "message_sent":
    case "message_edited":
    case "message_deleted":
      return { type: body.type, by, at, messageOffset: body.messageOffset };
    case "reaction_changed": {
      const { type, messageOffset, reaction: { emoji, on } } = body;
      return { type, by, at, messageOffset, reaction: { emoji, on } };
    }
    case "member_joined":
    case "member_role_changed":
      return { type: body.type, by, at, userId: body.userId, role: body.role };
    case "member_left":
      return { type: body.type, by, at, userId: body.userId };
    case "room_updated":
      return { type: body.type, by, at };
    case "call_started":
      return { type: body.type, by, at, callId: body.callId };
    case "call_ended":
      return { ...body, by, at };
    case "file_handed": {
      const { type, callId, from, to, name, bytes } = body;
      return { type, by, at, callId, from, to, name, bytes };
    }
  }
}
