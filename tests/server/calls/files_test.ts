import { describe, expect, it } from "vitest";
import { codeOf, directRoom, generalRoom, tabOf, VOICE } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import type { RoomId } from "../../../shared/ids.ts";

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
    const talk = await one.start(roomId, VOICE);
    expect(talk.call).toMatchObject({ callId: files.call.callId, purpose: "talk" });
    expect(talk.participantId).toBe(files.participantId);
    await two.next("ring");
    await two.accept(talk.call);
    await two.leave(talk.call);
    await one.next("call_ended");
    const types = await typesOf(app, roomId);
    expect(types.filter((type) => type.startsWith("call"))).toEqual(["call_started", "call_ended"]);
  });
});
