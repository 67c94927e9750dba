import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { messageAfter } from "../../shared/reactions.ts";
import type { Room, RoomRole } from "../../shared/room.ts";
import type { ChatKit } from "./chat_kit.ts";

/** A room as known to a reader who took a snapshot and then applied events. */
export interface RoomState {
  readonly offset: number;
  readonly room: Room;
  readonly members: ReadonlyMap<UserId, RoomRole>;
  readonly messages: ReadonlyMap<number, Message>;
}

/** Reads everything fresh, as of one head. */
export async function freshState(kit: ChatKit, roomId: RoomId): Promise<RoomState> {
  const { roomLog, rooms, messageReader } = kit.services;
  const head = await roomLog.head(roomId);
  const room = await rooms.get(roomId);
  if (room === null) throw new Error("There is no such room");
  const messages = new Map<number, Message>();
  for (let after = 0;;) {
    const page = await messageReader.page(roomId, head, { after, limit: 7 });
    for (const message of page.messages) messages.set(message.offset, message);
    if (!page.hasNewer) break;
    after = page.messages.at(-1)?.offset ?? after;
  }
  const { items } = await rooms.members.page(roomId, undefined, 1_000);
  const members = new Map(items.map(({ userId, role }) => [userId, role]));
  return { offset: head.offset, room, members, messages };
}

/** Applies one event; offsets must have no gaps. */
export function applyEvent(state: RoomState, event: RoomEvent): RoomState {
  if (event.offset !== state.offset + 1) {
    throw new Error(`Expected offset ${state.offset + 1}, got ${event.offset}`);
  }
  const next = { ...state, offset: event.offset };
  switch (event.type) {
    case "message_sent":
    case "message_edited":
    case "message_deleted":
    case "reaction_changed":
      return {
        ...next,
        messages: new Map(state.messages).set(
          event.messageOffset,
          messageAfter(event, state.messages.get(event.messageOffset) ?? null),
        ),
      };
    case "member_joined":
    case "member_role_changed":
      return { ...next, members: new Map(state.members).set(event.userId, event.role) };
    case "member_left": {
      const members = new Map(state.members);
      members.delete(event.userId);
      return { ...next, members };
    }
    case "room_updated":
      return { ...next, room: event.room };
    case "call_started":
    case "call_ended":
    case "file_handed":
      return next;
  }
}
