import { describe, expect, it } from "vitest";
import type { RoomEvent, StreamControl } from "../../../shared/event.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { callTab, codeOf, directRoom, generalRoom, tabOf, VIDEO } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

/** Collects the events of a room's log from now on. */
function eventsOf(app: TestApp, person: Person, roomId: RoomId): (RoomEvent | StreamControl)[] {
  const events: (RoomEvent | StreamControl)[] = [];
  app.clientFor(person, "ws").messages.onEvent.subscribe({ roomId }, {
    onData: ({ data }) => void events.push(data),
  });
  return events;
}

describe("calls", () => {
  it("CALL01 begin and end as events of the room, with who took part", async () => {
    await using app = await testApp();
    const ana = app.owner;
    const [ben, cleo] = [await app.person("Ben"), await app.person("Cleo")];
    const roomId = await generalRoom(ana);
    const events = eventsOf(app, cleo, roomId);
    await waitFor(() => events.length === 1);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const bystander = await tabOf(app, cleo);
    const { call, participantId } = await one.start(roomId, VIDEO);
    expect(call.participants).toMatchObject([{ participantId, userId: ana.id, seq: 1, handSince: null }]);
    expect(call.participants[0]?.media).toEqual({ mic: true, cam: true, screen: false, screenAudio: false });
    expect(await ben.api.calls.current.query({ roomId })).toEqual(call);
    await two.until(1);
    const joined = await two.join(call);
    expect(joined.call.participants.map(({ userId, seq }) => [userId, seq])).toEqual([[ana.id, 1], [
      ben.id,
      2,
    ]]);
    expect(joined.call.callId).toBe(call.callId);
    await bystander.until(2);
    expect(await codeOf(bystander.leave(call))).toBe("not_in_call");
    await one.leave(call);
    await bystander.until(1);
    expect(bystander.all("call_ended")).toEqual([]);
    await two.leave(call);
    expect(await bystander.next("call_ended")).toEqual({
      type: "call_ended",
      callId: call.callId,
      roomId,
      missed: false,
    });
    expect(await codeOf(two.leave(call))).toBe("not_found");
    expect(await ben.api.calls.current.query({ roomId })).toBe(null);
    await waitFor(() => events.length === 3);
    expect(events.slice(1)).toMatchObject([
      { type: "call_started", by: ana.id, callId: call.callId },
      { type: "call_ended", by: ben.id, callId: call.callId, missed: false, userIds: [ana.id, ben.id] },
    ]);
    const { events: replayed } = await ben.api.messages.since.query({
      roomId,
      position: `${app.services.roomLog.epoch}.${(events[1]?.offset ?? 0) - 1}`,
    });
    expect(replayed).toEqual(events.slice(1));
    // Unread counts count messages.
    expect((await cleo.api.rooms.list.query())[0]?.unread).toBe(0);
  });

  it("CALL02 two who start at once are in one call, 200 times", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const devices = [ana, ben].map(({ id, me }) => ({
      userId: id,
      accountId: id,
      key: me.sessionId as string,
      sessionId: me.sessionId,
      tokenId: null,
      tabId: "tab-of-one-only1" as never,
    }));
    const { store } = app.services.calls;
    const options = { media: VIDEO, ring: [], purpose: "talk", mayRing: () => true } as const;
    for (let round = 0; round < 200; round++) {
      const [one, two] = await Promise.all(devices.map((device) => store.start(device, roomId, options)));
      expect(one?.call.callId).toBe(two?.call.callId);
      const call = await store.current(roomId);
      expect(call?.participants.length).toBe(2);
      expect(new Set(call?.participants.map(({ seq }) => seq)).size).toBe(2);
      await Promise.all(
        devices.map((device) => store.leave(device, roomId, call?.callId as never).catch(() => {})),
      );
      expect(await store.current(roomId)).toBe(null);
    }
    const { events } = await ana.api.messages.since.query({
      roomId,
      position: `${app.services.roomLog.epoch}.2`,
    });
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "call_started").length).toBe(200);
    expect(types.filter((type) => type === "call_ended").length).toBe(200);
  });

  it("CALL03 a direct call ends when either leaves, and is missed if nobody answered", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const first = await one.start(roomId);
    await one.leave(first.call);
    expect((await two.next("call_ended")).missed).toBe(true);
    const second = await one.start(roomId);
    await two.accept(second.call);
    await one.leave(second.call);
    expect((await two.next("call_ended", 1)).missed).toBe(false);
    expect(await ana.api.calls.current.query({ roomId })).toBe(null);
  });

  it("CALL03b a missed call says whom it rang for, and who of them declined", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const [direct, general] = [await directRoom(ana, ben), await generalRoom(ana)];
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const declined = await one.start(direct);
    await two.api.calls.decline.mutate({
      callId: declined.call.callId,
      tabId: two.tabId,
      reason: "declined",
    });
    await one.leave(declined.call);
    await one.leave((await one.start(direct)).call);
    await one.leave((await one.start(general)).call);
    const taken = await one.start(direct);
    await two.accept(taken.call);
    await one.leave(taken.call);
    const endsOf = async (roomId: RoomId) => {
      const position = `${app.services.roomLog.epoch}.0`;
      const { events } = await ben.api.messages.since.query({ roomId, position });
      return events.filter((event) => event.type === "call_ended")
        .map(({ missed, rang, declined }) => ({ missed, rang, declined }));
    };
    expect(await endsOf(direct)).toEqual([
      { missed: true, rang: [ben.id], declined: [ben.id] },
      { missed: true, rang: [ben.id], declined: [] },
      { missed: false },
    ]);
    expect(await endsOf(general)).toEqual([{ missed: true, rang: [], declined: [] }]);
  });

  it("CALL04 one session is in one call; the other session of a person is another device", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const other = (await ana.api.rooms.create.mutate({ name: "Second", kind: "public" })).id;
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const first = await one.start(roomId);
    await two.join(first.call);
    const second = await one.start(other);
    expect(second.call.participants.length).toBe(1);
    expect((await two.until(1)).participants[0]?.userId).toBe(ben.id);
    const phone = app.device();
    await phone.client("http").auth.signIn.mutate({ name: "Ana", password: ana.password as string });
    const three = await callTab(phone.client("ws"));
    const third = await three.join(first.call);
    expect(third.call.participants.map(({ userId }) => userId)).toEqual([ben.id, ana.id]);
    expect((await ana.api.calls.current.query({ roomId: other }))?.participants.length).toBe(1);
  });

  it("CALL05 is hidden from those who may not see the room, and refused to those who may not send", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const room = await ana.api.rooms.create.mutate({ name: "Closed", kind: "private" });
    const open = await ana.api.rooms.create.mutate({ name: "Open", kind: "public" });
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const { call } = await one.start(room.id);
    for (const act of ["leave", "cancel", "rang"] as const) {
      const input = { callId: call.callId, tabId: two.tabId };
      expect(await codeOf(ben.api.calls[act].mutate(input)), act).toBe("not_found");
    }
    expect(await codeOf(two.join(call))).toBe("not_found");
    expect(await codeOf(ben.api.calls.current.query({ roomId: room.id }))).toBe("not_found");
    const second = await one.start(open.id);
    expect(await codeOf(two.join(second.call))).toBe("not_allowed");
    expect(two.heard.length, "a stranger to both rooms").toBe(1);
    await ben.api.rooms.join.mutate({ roomId: open.id });
    expect((await two.until(1)).callId).toBe(second.call.callId);
    await two.join(second.call);
    await ana.api.rooms.archive.mutate({ roomId: open.id, on: true });
    await two.next("call_ended");
    expect(await codeOf(two.start(open.id))).toBe("room_archived");
  });
});
