import { describe, expect, it } from "vitest";
import { countUnread } from "../../../shared/notify/unread.ts";
import { roomNamed } from "../../client/rooms/rooms_kit.ts";

const NOW = Date.parse("2030-01-31T12:00:00Z");
const LATER = "2030-01-31T12:00:01Z";

describe("countUnread()", () => {
  it("counts direct messages and mentions, and says whether there is more", () => {
    const count = (...rooms: ReturnType<typeof roomNamed>[]) => countUnread(rooms, NOW);
    expect(count(roomNamed("Tea"))).toEqual({ ownCount: 0, hasMore: false });
    expect(count(roomNamed("Tea", { unread: 3 }))).toEqual({ ownCount: 0, hasMore: true });
    expect(count(roomNamed("Tea", { unread: 3, mentions: 2 }))).toEqual({ ownCount: 2, hasMore: true });
    expect(count(roomNamed("Ben", { kind: "direct", unread: 3 })).ownCount).toBe(3);
    expect(count(roomNamed("Tea", { unread: 3, level: "mentions" }))).toEqual({
      ownCount: 0,
      hasMore: false,
    });
  });

  it("leaves out rooms that are muted, off or archived", () => {
    const unread = { unread: 3, mentions: 1 };
    const rooms = [
      roomNamed("Tea", { ...unread, mutedUntil: LATER }),
      roomNamed("Dock", { ...unread, level: "none" }),
      roomNamed("Old", { ...unread, archivedAt: LATER }),
    ];
    expect(countUnread(rooms, NOW)).toEqual({ ownCount: 0, hasMore: false });
    expect(countUnread(rooms, NOW + 1_000)).toEqual({ ownCount: 1, hasMore: true });
  });
});
