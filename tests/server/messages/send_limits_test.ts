import { describe, expect, it } from "vitest";
import {
  CHANGE_RATE,
  LEVEL_RATE,
  MARK_READ_RATE,
  MEMBERSHIP_RATE,
  ROOM_CREATE_RATE,
  SEND_RATE,
  SEND_RATE_ROOM,
} from "../../../shared/limits.ts";
import { testApp } from "../../support/test_app.ts";

/** No allowance grows while the clock stands still. */
const stillAt = Date.now();
const now = () => stillAt;
const refused = { data: { appCode: "rate_limited" } };

describe("limits of sending and changing", () => {
  it("T35 hold for each person, on every device", async () => {
    await using app = await testApp({ now });
    const [room] = await app.owner.api.rooms.list.query();
    const roomId = room?.id ?? "" as never;
    const sends = Array.from(
      { length: SEND_RATE.burst + 5 },
      (_, index) =>
        app.owner.api.messages.send.mutate({ roomId, clientMessageId: `m${index}`, text: "Hello" }),
    );
    const results = await Promise.allSettled(sends);
    const reasons = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
    expect(reasons.length).toBe(5);
    for (const reason of reasons) expect(reason).toMatchObject(refused);
  });

  it("T35 hold for each room, and outsiders do not use them up", async () => {
    await using app = await testApp({ now });
    const { api } = app.owner;
    const { id: roomId } = await api.rooms.create.mutate({ name: "Hidden", kind: "private" });
    const outsider = await app.person("Ben");
    const { limits } = app.services;
    const left = () => {
      let count = 0;
      while (limits.tryTake("send_room", roomId, SEND_RATE_ROOM) === 0) count++;
      return count;
    };
    for (let index = 0; index < 5; index++) {
      const send = outsider.api.messages.send.mutate({ roomId, clientMessageId: `m${index}`, text: "Hello" });
      await expect(send).rejects.toMatchObject({ data: { appCode: "not_found" } });
    }
    expect(left()).toBe(SEND_RATE_ROOM.burst);
    const send = api.messages.send.mutate({ roomId, clientMessageId: "one", text: "Hello" });
    await expect(send).rejects.toMatchObject(refused);
  });

  it("T35 hold for changes, for new rooms and for coming and going", async () => {
    await using app = await testApp({ now });
    const { api } = app.owner;
    const { id: roomId } = await api.rooms.create.mutate({ name: "Harbour", kind: "public" });
    const { offset } = await api.messages.send.mutate({ roomId, clientMessageId: "one", text: "Hello" });
    const refusals = async (count: number, call: (index: number) => Promise<unknown>) => {
      const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));
      const reasons = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
      for (const reason of reasons) expect(reason).toMatchObject(refused);
      return reasons.length;
    };
    const react = (index: number) =>
      api.messages.react.mutate({ roomId, offset, emoji: "👍", on: index % 2 === 0 });
    expect(await refusals(CHANGE_RATE.burst + 3, react)).toBe(3);
    const create = (index: number) => api.rooms.create.mutate({ name: `Room ${index}`, kind: "public" });
    // One is made already.
    expect(await refusals(ROOM_CREATE_RATE.burst + 2, create)).toBe(3);
    const { limits } = app.services;
    while (limits.tryTake("membership", app.owner.id, MEMBERSHIP_RATE) === 0);
    expect(await refusals(1, () => api.rooms.leave.mutate({ roomId }))).toBe(1);
  });

  it("T35 hold for what is read and for what one wants to be told of", async () => {
    await using app = await testApp({ now });
    const api = app.clientFor(app.owner, "ws");
    const roomId = (await api.rooms.list.query())[0]?.id ?? "" as never;
    const refusals = async (count: number, call: (index: number) => Promise<unknown>) => {
      const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => call(index)));
      const reasons = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
      for (const reason of reasons) expect(reason).toMatchObject(refused);
      return reasons.length;
    };
    const level = (index: number) =>
      api.rooms.setLevel.mutate({ roomId, level: index % 2 === 0 ? "none" : "all" });
    expect(await refusals(LEVEL_RATE.burst + 3, level)).toBe(3);
    const mark = () => api.rooms.markRead.mutate({ roomId, offset: 0, unread: true });
    // A frame holds at most 84 requests.
    expect(await refusals(MARK_READ_RATE.burst / 2, mark)).toBe(0);
    expect(await refusals(MARK_READ_RATE.burst / 2 + 3, mark)).toBe(3);
  });
});
