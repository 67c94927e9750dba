import { describe, expect, it } from "vitest";
import { codeOf, directRoom, generalRoom, phoneOf, tabOf, VOICE } from "../../support/call_kit.ts";
import type { CallTab } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import type { FileLabel } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { ParticipantId, RoomId, SessionId } from "../../../shared/ids.ts";
import type { CallDevice, CallRow } from "../../../server/calls/call_record.ts";
import { keys } from "../../../server/kv/keys.ts";

const FILES = { mic: false, cam: false };

async function typesOf(app: TestApp, roomId: RoomId): Promise<string[]> {
  const { rows } = await app.services.roomLog.read(roomId, 0, 100);
  return rows.map(({ row }) => row.type);
}

describe("files from person to person", () => {
  it("FILE1 need both online, ring nobody, and are no call in the room's log", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    const start = (room: RoomId) =>
      one.api.calls.start.mutate({ roomId: room, tabId: one.tabId, media: FILES, purpose: "files" });
    expect(await codeOf(start(roomId)), "Ben is offline").toBe("wrong_state");
    await two.api.presence.set.mutate({ status: "online" });
    expect(await codeOf(start(await generalRoom(ana))), "a room of many").toBe("invalid_input");
    const { call } = await start(roomId);
    expect(call.purpose).toBe("files");
    await two.until(1);
    expect([...one.all("ring_state"), ...two.all("ring")]).toEqual([]);
    const { participantId: from } = call.participants[0] ?? { participantId: "" as never };
    const done = (name: string, tab = two) =>
      tab.api.calls.fileDone.mutate({ callId: call.callId, tabId: tab.tabId, from, name, bytes: 52_428_800 });
    expect(await codeOf(done("early.txt"))).toBe("not_in_call");
    await two.join(call, FILES);
    await done("../photo\u202Egnp.exe");
    const { events } = await ana.api.messages.since.query({
      roomId,
      position: `${app.services.roomLog.epoch}.2`,
    });
    expect(events.slice(-1)).toMatchObject([{
      type: "file_handed",
      by: ben.id,
      callId: call.callId,
      from: ana.id,
      to: ben.id,
      name: ".._photognp.exe",
      bytes: 52_428_800,
    }]);
    const nobody = { callId: call.callId, tabId: two.tabId, from: "nobody-at-all-00", name: "x", bytes: 1 };
    expect(await codeOf(two.api.calls.fileDone.mutate(nobody as never))).toBe("not_in_call");
    const self = (await two.api.calls.current.query({ roomId }))?.participants.find(({ userId }) =>
      userId === ben.id
    );
    const own = { ...nobody, from: self?.participantId };
    expect(await codeOf(two.api.calls.fileDone.mutate(own as never)), "to oneself").toBe("invalid_input");
    await one.leave(call);
    await two.next("call_ended");
    expect(await codeOf(done("late.txt"))).toBe("not_found");
    const types = await typesOf(app, roomId);
    expect(types.filter((type) => type.startsWith("call"))).toEqual([]);
    expect(types.filter((type) => type === "file_handed").length).toBe(1);
  });

  it("FILE2 a real call takes their call over, and rings", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    await two.api.presence.set.mutate({ status: "online" });
    const media = FILES;
    const files = await one.api.calls.start.mutate({ roomId, tabId: one.tabId, media, purpose: "files" });
    await two.join(files.call, media);
    const talk = await one.start(roomId, VOICE);
    // Whoever only takes files is not in a call that they have not answered.
    expect(talk.call).toMatchObject({ callId: files.call.callId, purpose: "talk" });
    expect(talk.call.participants).toMatchObject([{ userId: ana.id, media: { mic: true } }]);
    expect(await two.next("ring")).toMatchObject({ ring: { by: ana.id } });
    expect((await two.until(1)).purpose).toBe("talk");
    expect(one.all("ring_state")).toMatchObject([{ userId: ben.id, state: "calling" }]);
    await two.accept(talk.call);
    await two.leave(talk.call);
    await one.next("call_ended");
    const types = await typesOf(app, roomId);
    expect(types.filter((type) => type.startsWith("call"))).toEqual(["call_started", "call_ended"]);
  });

  it("FILE5 whom their call takes is not busy, and offering some joins no call of talking people", async () => {
    await using app = await testApp();
    const [ana, ben, cleo] = [app.owner, await app.person("Ben"), await app.person("Cleo")];
    const roomId = await directRoom(ana, ben);
    const other = await directRoom(cleo, ben);
    const tabs = await Promise.all([ana, ben, cleo].map((person) => tabOf(app, person)));
    const [one, two, three] = tabs as [CallTab, CallTab, CallTab];
    for (const { api } of tabs) await api.presence.set.mutate({ status: "online" });
    const offer = (tab: CallTab, room: RoomId) =>
      tab.api.calls.start.mutate({ roomId: room, tabId: tab.tabId, media: FILES, purpose: "files" });
    await two.join((await offer(one, roomId)).call, FILES);
    await three.start(other, VOICE);
    expect(await three.next("ring_state")).toMatchObject({ userId: ben.id, state: "calling" });
    expect(await codeOf(offer(two, other)), "it rings there").toBe("wrong_state");
    expect((await three.until(1)).participants).toMatchObject([{ userId: cleo.id }]);
  });

  it("FILE3 say by name and size what is offered, cleaned, to those who have not joined", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    for (const { api } of [one, two]) await api.presence.set.mutate({ status: "online" });
    const start = (tab: CallTab, files: FileLabel[], purpose?: "files") =>
      tab.api.calls.start.mutate({
        roomId,
        tabId: tab.tabId,
        media: FILES,
        files,
        ...purpose === undefined ? {} : { purpose },
      });
    const plan = { name: "plan.pdf", bytes: 12_000_000 };
    expect(await codeOf(start(one, [plan])), "not a call for files").toBe("invalid_input");
    expect(await codeOf(start(one, [], "files"))).toBe("invalid_input");
    expect(await codeOf(start(one, Array(51).fill(plan), "files"))).toBe("invalid_input");
    expect(await codeOf(start(one, [{ ...plan, bytes: 2 ** 31 + 1 }], "files"))).toBe("invalid_input");
    const { call } = await start(one, [{ name: "../photo\u202Egnp.exe", bytes: 0 }], "files");
    expect(call.files).toEqual([{ name: ".._photognp.exe", bytes: 0 }]);
    expect((await two.until(1)).files).toEqual(call.files);
    const long = Array.from({ length: 50 }, () => ({ name: "\u{1f600}".repeat(280), bytes: 2 ** 31 }));
    await start(one, [plan, ...long.slice(1)], "files");
    await expect.poll(() => two.call()?.files?.[0]).toEqual(plan);
    expect(two.call()?.files?.length).toBe(50);
    // Who answers with files of their own does not rename what was offered to them.
    await start(two, [{ name: "answer.txt", bytes: 1 }], "files");
    expect((await two.until(2)).files?.[0]).toEqual(plan);
    await one.start(roomId, VOICE);
    await expect.poll(() => two.call()).toMatchObject({ purpose: "talk" });
    expect(two.call()).not.toHaveProperty("files");
  });

  it("FILE6 T03 are not noted for whoever has signed out meanwhile", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    await two.api.presence.set.mutate({ status: "online" });
    const media = FILES;
    const { call } = await one.api.calls.start.mutate({ roomId, tabId: one.tabId, media, purpose: "files" });
    const from = call.participants[0]?.participantId ?? "" as ParticipantId;
    await two.join(call, media);
    const { value } = await app.services.db.get<CallRow>(keys.call(roomId));
    const device = value?.call?.participants.find(({ userId }) => userId === ben.id);
    const done = (changes: Partial<CallDevice>) => {
      if (device === undefined) throw new Error("Ben is not in the call");
      const handed = { callId: call.callId, from, name: "a.txt", bytes: 1 };
      return app.services.calls.files.done({ ...device, ...changes }, roomId, handed);
    };
    // As between the check of the request and the commit.
    expect(await codeOf(done({ sessionId: newId<SessionId>() }))).toContain("session has ended");
    await done({});
    const types = await typesOf(app, roomId);
    expect(types.filter((type) => type === "file_handed").length).toBe(1);
  });

  it("FILE39 go to the first device of a person that accepts, and another one is refused", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, desk, phone] = [await tabOf(app, ana), await tabOf(app, ben), await phoneOf(app, ben)];
    for (const { api } of [one, desk]) await api.presence.set.mutate({ status: "online" });
    const { call } = await one.api.calls.start.mutate({
      roomId,
      tabId: one.tabId,
      media: FILES,
      purpose: "files",
    });
    for (const tab of [desk, phone]) await tab.until(1);
    const codes = await Promise.all([desk, phone].map((tab) => codeOf(tab.join(call, FILES))));
    expect(codes.toSorted()).toEqual(["ok", "wrong_state"]);
    const [first, second] = codes[0] === "ok" ? [desk, phone] : [phone, desk];
    // The other one sees who takes them.
    expect((await second.until(2)).participants.map(({ userId }) => userId)).toEqual([ana.id, ben.id]);
    // Asking again, as after a reload, is not refused.
    expect(await codeOf(first.join(call, FILES))).toBe("ok");
    // What one sends oneself goes from any device.
    const own = { roomId, tabId: second.tabId, media: FILES, purpose: "files" } as const;
    expect(await codeOf(second.api.calls.start.mutate(own))).toBe("ok");
    await one.leave(call);
    await one.next("call_ended");
    // Several devices of a person may be in a call of talking people.
    const talk = await one.start(roomId);
    await desk.accept(talk.call);
    expect(await codeOf(phone.join(talk.call))).toBe("ok");
  });

  it("FILE4 can be declined without joining, which ends their call", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await directRoom(ana, ben);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben)];
    for (const { api } of [one, two]) await api.presence.set.mutate({ status: "online" });
    const media = FILES;
    const { call } = await one.api.calls.start.mutate({ roomId, tabId: one.tabId, media, purpose: "files" });
    const decline = ({ api, tabId }: CallTab) =>
      api.calls.decline.mutate({ callId: call.callId, tabId, reason: "declined" });
    // Whoever offers them cannot.
    await decline(one);
    expect(await one.api.calls.current.query({ roomId })).toMatchObject({ callId: call.callId });
    await decline(two);
    expect(await one.next("call_ended")).toMatchObject({ callId: call.callId, missed: true });
    expect(await one.api.calls.current.query({ roomId })).toBeNull();
    // A call of talking people goes on when a third device declines.
    const talk = await one.start(roomId, VOICE);
    await two.next("ring");
    await two.accept(talk.call);
    await two.api.calls.decline.mutate({ callId: talk.call.callId, tabId: two.tabId, reason: "declined" });
    expect((await one.api.calls.current.query({ roomId }))?.participants.length).toBe(2);
  });
});
