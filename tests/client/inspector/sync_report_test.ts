import { describe, expect, it } from "vitest";
import {
  describeEvent,
  describeHoles,
  judgeSync,
  missingCount,
  writeSyncReport,
} from "../../../client/inspector/sync_report.ts";
import type { RoomSync, SyncReport } from "../../../client/inspector/sync_report.ts";

const AT = Date.parse("2026-11-29T12:00:00Z");

const ROOM: RoomSync = {
  roomId: "room-id-000000-1",
  title: "Salaries",
  position: "abc.14",
  through: 14,
  head: 14,
  holes: [],
  isFollowed: true,
};

const REPORT: SyncReport = {
  at: AT,
  userAgent: "Browser/1",
  build: "app-1",
  serverBuild: "app-1",
  isDeviceOnline: true,
  transport: "websocket",
  isOpen: true,
  retryAt: null,
  roundTripMs: 12.4,
  rooms: [ROOM],
  otherRoomCount: 3,
  stored: "12 rooms, 340 kB",
  outbox: { waitingCount: 0, failedCount: 0, oldestAt: null },
  history: [
    { at: AT - 60_000, type: "opened", transport: "websocket", reason: "", count: 1 },
    { at: AT - 9_000, type: "lost", transport: "websocket", reason: "1006 No sign of life", count: 1 },
    { at: AT - 8_000, type: "dial_failed", transport: "websocket", reason: "1006", count: 3 },
    { at: AT - 1_000, type: "switched", transport: "sse", reason: "", count: 1 },
  ],
  call: null,
};

const HOLES = [{ from: 12, to: 14 }, { from: 20, to: 20 }];

describe("what the sync inspector says first", () => {
  const cases: [name: string, change: Partial<SyncReport>, level: string, sentence: RegExp][] = [
    ["all is well", {}, "good", /^Connected over WebSocket\. Everything has arrived\.$/],
    ["the device is offline", { isDeviceOnline: false, isOpen: false }, "bad", /offline/],
    ["no connection", { isOpen: false }, "bad", /no connection/],
    [
      "failed messages come before waiting ones",
      { outbox: { waitingCount: 2, failedCount: 1, oldestAt: AT } },
      "bad",
      /^1 message could not be sent/,
    ],
    ["holes", { rooms: [{ ...ROOM, holes: HOLES }] }, "warn", /^4 events are still on the way/],
    ["behind", { rooms: [{ ...ROOM, head: 15 }] }, "warn", /^The end of one room is still on the way/],
    ["behind, but not followed", { rooms: [{ ...ROOM, head: 15, isFollowed: false }] }, "good", /arrived/],
    ["waiting", { outbox: { waitingCount: 2, failedCount: 0, oldestAt: AT } }, "warn", /^2 messages wait to/],
    ["an old page", { serverBuild: "app-2" }, "warn", /newer version/],
    ["a server that does not say", { serverBuild: null }, "good", /arrived/],
  ];
  for (const [name, change, level, sentence] of cases) {
    it(name, () => {
      const verdict = judgeSync({ ...REPORT, ...change });
      expect(verdict.level).toBe(level);
      expect(verdict.sentence).toMatch(sentence);
    });
  }
});

describe("the words of the sync inspector", () => {
  it("name holes", () => {
    expect(describeHoles([])).toBe("none");
    expect(describeHoles(HOLES)).toBe("12–14, 20");
    expect(missingCount({ holes: HOLES })).toBe(4);
  });

  it("tell what happened to the connection", () => {
    expect(REPORT.history.map(describeEvent)).toEqual([
      "Connected over WebSocket",
      "Lost WebSocket: 1006 No sign of life",
      "WebSocket did not open: 1006 (3 times)",
      "Changed to SSE + HTTP",
    ]);
  });
});

describe("the report as text", () => {
  it("has every figure, and no name of a room", () => {
    const text = writeSyncReport({
      ...REPORT,
      rooms: [{ ...ROOM, head: 21, holes: HOLES }],
      outbox: { waitingCount: 1, failedCount: 0, oldestAt: AT - 5_000 },
      call: { topology: "mesh", routes: ["Direct · UDP"] },
    });
    for (
      const part of [
        "Sync inspector, 2026-11-29T12:00:00.000Z",
        "Transport: WebSocket, open",
        "Round trip: 12 ms",
        "Outbox: 1 waiting, 0 failed, oldest 2026-11-29T11:59:55.000Z",
        "On this device: 12 rooms, 340 kB",
        "Page: app-1; server: app-1",
        "Call: mesh, Direct · UDP",
        "Rooms: 1 open, 3 others",
        "room-id-000000-1: position abc.14, newest 21, missing 12–14, 20",
        "2026-11-29T11:59:51.000Z Lost WebSocket: 1006 No sign of life",
        "Browser/1",
      ]
    ) expect(text).toContain(part);
    expect(text).not.toContain("Salaries");
  });
});
