import type { RoomEventBody } from "../../shared/event.ts";
import type { UserId } from "../../shared/ids.ts";
import type { EventRow } from "../streams/event_log.ts";

/** Gives what a room's log keeps of an event, by its type: never a text, and of a reaction not whose it is. */
export function toRoomEventRow(
  body: RoomEventBody,
  { by, at }: { readonly by: UserId; readonly at: string },
): EventRow {
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
