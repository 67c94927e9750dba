import { signal } from "@preact/signals";
import type { RoomId } from "../../../shared/ids.ts";
import { MemoryOutboxStorage } from "../../../client/outbox/outbox_storage.ts";
import { singleTab } from "../../support/single_tab.ts";
import { createMessages } from "../../../client/timeline/messages_model.ts";
import type { ReadState } from "../../../client/timeline/room_timeline.ts";
import { ANA, ROOM, RoomInMemory } from "./room_kit.ts";

/** Makes a room of so many messages, and its timeline for Ana. */
export function setUp(messageCount: number, readState: ReadState | null = null) {
  const server = new RoomInMemory();
  for (let i = 1; i <= messageCount; i++) server.post(`m${i}`, { clientMessageId: `c${i}` });
  const isOpen = signal(true);
  const notices: string[] = [];
  const lost: string[] = [];
  const changedMembers: RoomId[] = [];
  const marks: [number, boolean][] = [];
  const messages = createMessages({
    api: server.api,
    me: ANA,
    connection: { isOpen, transport: signal("websocket") },
    storage: new MemoryOutboxStorage(),
    tabs: singleTab(),
    isAttentive: signal(true),
    readState: () => readState,
    markRead: (_roomId, offset, isUnread) => marks.push([offset, isUnread]),
    onNotice: (text) => notices.push(text),
    onMembersChanged: (roomId) => changedMembers.push(roomId),
    onRoomLost: (_roomId, code) => lost.push(code),
  });
  const room = messages.room(ROOM);
  const texts = () => room.rows.value.flatMap((row) => row.kind === "message" ? [row.message.text] : []);
  return { server, isOpen, notices, lost, changedMembers, marks, messages, room, texts };
}
