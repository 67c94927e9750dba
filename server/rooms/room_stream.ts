import type { AppError } from "../../shared/errors.ts";
import type { RoomEvent, RoomEventBody, SystemEventBody } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room, RoomRole } from "../../shared/room.ts";
import { keys } from "../kv/keys.ts";
import type { AppendRequest, Built, EventLog } from "../streams/event_log.ts";
import type { CommittedNotice, Notice } from "../streams/feed.ts";
import type { LoggedRow, Occasion, StreamKind } from "../streams/stream_kind.ts";

/** The stored row of a room event. It holds no text: the message's own row has the current state. */
export interface RoomEventRow {
  readonly type: RoomEventBody["type"];
  readonly by: UserId;
  readonly at: string;
  readonly messageOffset?: number;
  readonly userId?: UserId;
  readonly role?: RoomRole;
  /** The reaction of `by`. */
  readonly reaction?: { readonly emoji: string; readonly on: boolean };
}

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

/** Restores the body of an event from its row; events about messages also need the message. */
export function bodyOf({ offset, row }: LoggedRoomRow, room: Room | null): SystemEventBody {
  const { type, userId, role } = row;
  switch (type) {
    case "room_updated":
      if (room === null) throw new Error(`Cannot find the room of event ${offset}`);
      return { type, room };
    case "member_joined":
    case "member_left":
    case "member_role_changed":
      if (userId === undefined) throw new Error(`Cannot find the person of event ${offset}`);
      return { type, userId, ...(role === undefined ? {} : { role }) };
    case "message_sent":
    case "message_edited":
    case "message_deleted":
    case "reaction_changed":
      throw new TypeError(`Cannot read event ${offset} without its message`);
  }
}

/** Returns the stored fields of an event: never text, and for a reaction not the person. */
function toRow(body: RoomEventBody, { by, at }: Occasion): RoomEventRow {
  switch (body.type) {
    case "message_sent":
    case "message_edited":
    case "message_deleted":
    case "reaction_changed": {
      const { type, messageOffset, reaction } = body;
      if (reaction === undefined) return { type, by, at, messageOffset };
      return { type, by, at, messageOffset, reaction: { emoji: reaction.emoji, on: reaction.on } };
    }
    case "member_joined":
    case "member_left":
    case "member_role_changed": {
      const { type, userId, role } = body;
      return { type, by, at, userId, ...(role === undefined ? {} : { role }) };
    }
    case "room_updated":
      return { type: body.type, by, at };
  }
}
