import { describe, expect, it } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { GUEST_SESSION_IDLE_MS, SESSION_IDLE_MS } from "../../../shared/limits.ts";
import {
  byImportance,
  copyOf,
  isExpired,
  namedOn,
  sizeOf,
  withinSize,
} from "../../../client/offline/offline_copy.ts";
import { ANA, BEN, messageAt, pageOf, roomNamed, workspaceRow } from "./offline_kit.ts";

describe("copyOf", () => {
  it("needs to know whose rows they are", () => {
    const row = { key: "room000000000001" as RoomId, page: pageOf([]), openedAt: 0 };
    expect(copyOf([row])).toBeNull();
    expect(copyOf([row, workspaceRow()])).toEqual({ workspace: workspaceRow(), rooms: [row] });
  });
});

describe("isExpired", () => {
  it("is true once the session must have ended", () => {
    const row = workspaceRow();
    expect(isExpired(row, row.at + SESSION_IDLE_MS)).toBe(false);
    expect(isExpired(row, row.at + SESSION_IDLE_MS + 1)).toBe(true);
    const guest = { ...row, me: { ...row.me, role: "guest" } as const };
    expect(isExpired(guest, row.at + GUEST_SESSION_IDLE_MS + 1)).toBe(true);
  });
});

describe("byImportance", () => {
  it("puts rooms first that were opened last, then unread ones, and archived ones last", () => {
    const rooms = [
      { ...roomNamed("Archive"), archivedAt: "2026-11-02T09:00:00.000Z", unread: 3 },
      roomNamed("Quiet"),
      { ...roomNamed("Loud"), unread: 3 },
      roomNamed("Earlier"),
      roomNamed("Latest"),
    ];
    const openedAt = new Map([[roomNamed("Earlier").id, 1], [roomNamed("Latest").id, 2]]);
    expect(byImportance(rooms, (roomId) => openedAt.get(roomId) ?? 0).map(({ name }) => name))
      .toEqual(["Latest", "Earlier", "Loud", "Quiet", "Archive"]);
  });
});

describe("withinSize", () => {
  it("leaves out the oldest messages", () => {
    const page = pageOf([messageAt(1, "x".repeat(500)), messageAt(2), messageAt(3)]);
    expect(withinSize(page)).toBe(page);
    const smaller = withinSize(page, sizeOf(messageAt(2)) * 2);
    expect(smaller.messages.map(({ offset }) => offset)).toEqual([2, 3]);
    expect(smaller.hasOlder).toBe(true);
    expect(withinSize(page, 10).messages).toEqual([]);
  });
});

describe("namedOn", () => {
  it("lists authors, mentioned people and those who reacted, each once", () => {
    const message = {
      ...messageAt(1),
      by: ANA,
      mentions: [BEN],
      reactions: [{ emoji: "👍", userIds: [BEN, ANA] }],
    };
    expect(namedOn(pageOf([message]))).toEqual([ANA, BEN]);
  });
});
