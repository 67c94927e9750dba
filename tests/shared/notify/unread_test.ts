import { describe, expect, it } from "vitest";
import { countUnread } from "../../../shared/notify/unread.ts";

type CountedRoom = Parameters<typeof countUnread>[0] extends Iterable<infer Room> ? Room : never;

const NOW = Date.parse("2030-01-31T12:00:00Z");
const LATER = "2030-01-31T12:00:01Z";
const READ_ROOM: CountedRoom = {
  kind: "public",
  unread: 0,
  mentions: 0,
  level: "all",
  mutedUntil: null,
  archivedAt: null,
};

/** Counts what is unread in rooms that differ in these fields from one that is read. */
function count(...rooms: Partial<CountedRoom>[]) {
  return countUnread(rooms.map((fields) => ({ ...READ_ROOM, ...fields })), NOW);
}

describe("countUnread()", () => {
  it("counts direct messages and mentions, and says whether there is more", () => {
    expect(count({})).toEqual({ ownCount: 0, hasMore: false });
    expect(count({ unread: 3 })).toEqual({ ownCount: 0, hasMore: true });
    expect(count({ unread: 3, mentions: 2 })).toEqual({ ownCount: 2, hasMore: true });
    expect(count({ kind: "direct", unread: 3 }).ownCount).toBe(3);
    expect(count({ unread: 3, level: "mentions" })).toEqual({ ownCount: 0, hasMore: false });
  });

  it("leaves out rooms that are muted, off or archived", () => {
    const unread = { unread: 3, mentions: 1 };
    const rooms = [
      { ...unread, mutedUntil: LATER },
      { ...unread, level: "none" },
      { ...unread, archivedAt: LATER },
    ] as const;
    expect(count(...rooms)).toEqual({ ownCount: 0, hasMore: false });
  });

  it("counts a room again from the moment at which it is muted no more", () => {
    const mutedUntil = new Date(NOW).toISOString();
    expect(count({ unread: 3, mentions: 1, mutedUntil })).toEqual({ ownCount: 1, hasMore: true });
  });
});
