import { describe, expect, it } from "vitest";
import { isMessageEvent } from "../../shared/event.ts";
import type { RoomEventBody } from "../../shared/event.ts";
import type { UserId } from "../../shared/ids.ts";
import type { RoomEventRow } from "../../server/rooms/room_stream.ts";
import { ANA, messageOf } from "../support/stream_kit.ts";

const userId = "ben0000000000000" as UserId;
const about = { messageOffset: 1, message: messageOf(ANA, 1, "Hello") } as const;
const stamp = { by: ANA, at: "2026-01-01T00:00:00.000Z" } as const;
const reaction = { emoji: "👍", userId, on: true } as const;

describe("room events", () => {
  it("have the fields of their type and no others", () => {
    const bodies: RoomEventBody[] = [
      { type: "reaction_changed", ...about, reaction, isWithoutReactions: true },
      { type: "member_joined", userId, role: "member" },
      // @ts-expect-error -- a reaction that nobody added or removed
      { type: "reaction_changed", ...about },
      // @ts-expect-error -- an edit adds no reaction
      { type: "message_edited", ...about, reaction },
      // @ts-expect-error -- a new message is always whole
      { type: "message_sent", ...about, isWithoutReactions: true },
      // @ts-expect-error -- a new role, but which
      { type: "member_role_changed", userId },
      // @ts-expect-error -- whoever has left has no role
      { type: "member_left", userId, role: "member" },
    ];
    expect(bodies.filter(isMessageEvent)).toHaveLength(4);
  });

  it("have rows with the fields of their type", () => {
    const rows: RoomEventRow[] = [
      { ...stamp, type: "reaction_changed", messageOffset: 1, reaction: { emoji: "👍", on: true } },
      { ...stamp, type: "room_updated" },
      // @ts-expect-error -- no message
      { ...stamp, type: "message_sent" },
      // @ts-expect-error -- no person
      { ...stamp, type: "member_left" },
      // @ts-expect-error -- a text, which deleting the message would leave behind
      { ...stamp, type: "message_sent", messageOffset: 1, message: about.message },
    ];
    expect(rows.filter(isMessageEvent)).toHaveLength(3);
  });
});
