import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { sentMessage } from "./sent_message.ts";

const AT = "2030-01-31T12:00:00.000Z";
const BY = "filler_user_0000" as UserId;

/** Data to publish to a room's topic that looks like a message but is in no log, for tests of output limits. */
export function filler(text: string) {
  const value: RoomEvent = {
    type: "message_sent",
    offset: 0,
    at: AT,
    by: BY,
    messageOffset: 0,
    message: sentMessage({
      roomId: "filler_room_0000" as RoomId,
      offset: 0,
      by: BY,
      at: AT,
      text,
      clientMessageId: "filler",
    }),
  };
  return { value, offset: 0, position: "filler.0" };
}
