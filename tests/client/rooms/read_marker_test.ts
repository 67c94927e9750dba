import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { ReadMarker } from "../../../client/rooms/read_marker.ts";
import { idOf, roomNamed, RoomsServer } from "./rooms_kit.ts";

const ROOM = idOf("General");

/** All calls have been answered, which takes no timers. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("ReadMarker", () => {
  it("tells the server at once, and the highest of many offsets when it has answered", async () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    for (let offset = 1; offset <= 50; offset++) marker.mark(ROOM, offset);
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 1 }]);
    await settled();
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 1 }, { roomId: ROOM, offset: 50 }]);
  });

  it("never goes back by itself", async () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    marker.mark(ROOM, 9);
    await settled();
    marker.mark(ROOM, 5);
    await settled();
    expect(server.marks).toEqual([{ roomId: ROOM, offset: 9 }]);
  });

  it("tells again after a reconnect what the server did not hear", async () => {
    const server = new RoomsServer();
    using marker = new ReadMarker(server.api);
    server.failure = new AppError("draining", "The server restarts");
    marker.mark(ROOM, 9);
    await settled();
    server.failure = null;
    marker.resend([roomNamed("General", { readOffset: 3 })]);
    await settled();
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
