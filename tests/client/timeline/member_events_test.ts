import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BEN, ROOM } from "./room_kit.ts";
import { setUp } from "./timeline_kit.ts";

const settle = () => vi.advanceTimersByTimeAsync(10);

describe("RoomTimeline", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("reports each change of members once, whichever part of the history is shown", async () => {
    const { server, room, messages, changedMembers } = setUp(120);
    room.open(5);
    await settle();
    expect(room.hasNewer.value).toBe(true);
    expect(changedMembers).toEqual([]);
    server.join(BEN);
    expect(changedMembers).toEqual([ROOM]);
    server.changeRole(BEN, "moderator");
    expect(changedMembers).toEqual([ROOM, ROOM]);
    for (const event of server.log.slice(-2)) server.deliver(event);
    server.post("hello");
    expect(changedMembers).toEqual([ROOM, ROOM]);
    messages[Symbol.dispose]();
  });

  it("shows a change of role as a line", async () => {
    const { server, room, messages } = setUp(3);
    room.open();
    await settle();
    server.changeRole(BEN, "moderator");
    const event = server.log.at(-1);
    expect(room.rows.value.at(-1)).toMatchObject({ kind: "system", event });
    messages[Symbol.dispose]();
  });
});
