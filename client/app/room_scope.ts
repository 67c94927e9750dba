import type { CommandDoor, ConversationScope } from "../composer/composer_scope.ts";
import type { RoomTimeline } from "../timeline/room_timeline.ts";
import type { SignedIn } from "./app_context.ts";

/** What a room brings to its composer. */
export interface RoomScopeOptions extends Pick<SignedIn, "chat" | "me"> {
  readonly timeline: RoomTimeline;
  readonly commands: () => CommandDoor;
}

/** Connects a composer to a room. */
export function roomScope({ chat, me, timeline, commands }: RoomScopeOptions): ConversationScope {
  const { members, preview, rooms, typing } = chat;
  const { roomId } = timeline;
  return {
    draftKey: roomId,
    commands,
    people: () =>
      members.members.value.filter(({ user }) => user.id !== me.id).map(({ user: { id, name } }) => ({
        id,
        name,
      })),
    permission: () => {
      const room = rooms.find(roomId);
      const { archivedAt = null } = room ?? preview.room.value ?? {};
      if (archivedAt !== null) return "archived";
      return room === null ? "join" : "write";
    },
    send: (text, replyTo) => {
      typing.sent();
      timeline.send(text, replyTo);
    },
    edit: (offset, text) => timeline.changes.edit(offset, text),
    lastOwn: () => timeline.lastOwn(),
    onTyping: (hasText) => typing.input(hasText),
    onBlur: () => typing.blur(),
  };
}
