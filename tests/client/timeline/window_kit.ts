import { MessageWindow } from "../../../client/timeline/message_window.ts";
import type { MessagePage } from "../../../client/timeline/page_reader.ts";
import { RoomPosition } from "../../../client/timeline/room_position.ts";
import type { RoomEvent } from "../../../shared/event.ts";
import type { Message } from "../../../shared/message.ts";
import { ANA, BEN, messageAt } from "./room_kit.ts";
import type { RoomInMemory } from "./room_kit.ts";

/** Something that happens in a room. */
export type Act = "post" | "edit" | "delete" | "react" | "join";

/** Lets some things happen in a room and returns their events. */
export function live(room: RoomInMemory, acts: readonly Act[]): RoomEvent[] {
  const from = room.head;
  for (const [index, act] of acts.entries()) {
    const offsets = [...room.messages.keys()];
    const target = offsets[index % Math.max(1, offsets.length)];
    if (act === "post" || target === undefined) {
      room.post(`text ${index}`, { clientMessageId: `c-${room.head}` });
    } else if (act === "edit") room.edit(target, `edited ${index}`);
    else if (act === "delete") room.delete(target);
    else if (act === "react") room.react(target, "👍", index % 2 === 0 ? [ANA] : []);
    else room.join(BEN);
  }
  return room.log.slice(from);
}

/** Reads the newest page. */
export async function pageOf(room: RoomInMemory): Promise<MessagePage> {
  return await room.api.list.query({ roomId: messageAt(1).roomId });
}

/** Returns the loaded messages. */
export function messagesOf(window: MessageWindow): Message[] {
  return window.entries.map((entry) => entry.message);
}

/** Makes a position and a window of all messages, used as `RoomHistory` does. */
export function openRoom() {
  const position = new RoomPosition();
  const window = new MessageWindow(position);
  const reset = (page: MessagePage) => {
    position.startAt(page.position);
    window.reset(page);
  };
  return { position, window, reset };
}
