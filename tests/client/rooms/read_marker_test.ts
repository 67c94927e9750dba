import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { ReadMarker } from "../../../client/rooms/read_marker.ts";
import { idOf, roomNamed, RoomsServer } from "./rooms_kit.ts";

const ROOM = idOf("General");

describe("ReadMarker", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("tells the server at once, then only the highest of many offsets", async () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    for (let offset = 1; offset <= 50; offset++) marker.mark(ROOM, offset);
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 1 }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 1 }, { roomId: ROOM, offset: 50 }]);
  });

  it("never goes back by itself", async () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    marker.mark(ROOM, 9);
    await vi.advanceTimersByTimeAsync(1_000);
    marker.mark(ROOM, 5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 9 }]);
  });

  it("tells again after a reconnect what the server did not hear", async () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    server.failure = new AppError("draining", "The server restarts");
    marker.mark(ROOM, 9);
    await vi.advanceTimersByTimeAsync(1_000);
    server.failure = null;
    marker.resend([roomNamed("General", { readOffset: 3 })]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 9 }, { roomId: ROOM, offset: 9 }]);
    // What it has heard is not told again.
    marker.resend([roomNamed("General", { readOffset: 8 })]);
    expect(server.marks.length).toBe(2);
  });

  it("leaves the server's count alone while not everything is read", () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    marker.mark(ROOM, 15);
    const room = roomNamed("General", { head: 20, readOffset: 10, unread: 6, mentions: 2 });
    expect(marker.overlay(room)).toMatchObject({ readOffset: 15, unread: 6, mentions: 2 });
    marker.forget(ROOM);
    expect(marker.overlay(room)).toBe(room);
  });
});
