import { useMemo } from "preact/hooks";
import type { RoomId } from "../../shared/ids.ts";
import type { Room } from "../../shared/room.ts";
import { steady } from "../ui/steady.ts";
import type { Chat } from "./chat.ts";

/** Returns a room; messages and reads, in it or in others, cause no render. */
export function useRoom({ rooms, preview }: Chat, roomId: RoomId | null): Room | null {
  const room = useMemo(
    () => steady(() => roomId === null ? null : rooms.find(roomId) ?? preview.room.value, keyOf),
    [rooms, preview, roomId],
  );
  return room.value;
}

function keyOf(room: Room | null): string {
  return JSON.stringify(
    room,
    ["id", "name", "kind", "topic", "createdAt", "archivedAt"] satisfies (keyof Room)[],
  );
}
