import { describe, expect, it, vi } from "vitest";
import { SfuRooms } from "../../../server/calls/sfu_rooms.ts";
import { newId } from "../../../shared/ids.ts";
import type { ParticipantId, RoomId } from "../../../shared/ids.ts";
import { codeOf, generalRoom, tabOf, VIDEO } from "../../support/call_kit.ts";
import type { CallTab } from "../../support/call_kit.ts";
import { hasLiveKit, joinLiveKit, startLiveKit } from "../../support/livekit.ts";
import type { LiveKitDevice } from "../../support/livekit.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";

const isPossible = await hasLiveKit();
const WAIT = { timeout: 30_000 };
/** Who is removed hears nobody for longer than a second, and what a busy machine adds. */
const REMOVAL_MAX_MS = 2_000;
const NAMES = ["Ben", "Cleo", "Dan", "Eva"];

interface InCall {
  readonly person: Person;
  readonly tab: CallTab;
  readonly participantId: ParticipantId;
}

/** The owner and four others, all with a camera: one more than a mesh holds. */
async function startLargeCall(app: TestApp, roomId: RoomId) {
  const people = [app.owner, ...await Promise.all(NAMES.map((name) => app.person(name)))];
  const [first, ...others] = await Promise.all(
    people.map(async (person) => ({ person, tab: await tabOf(app, person) })),
  );
  if (first === undefined) throw new Error("Nobody is there");
  const started = await first.tab.start(roomId, VIDEO);
  const all: InCall[] = [{ ...first, participantId: started.participantId }];
  for (const { person, tab } of others) {
    all.push({ person, tab, participantId: (await tab.join(started.call, VIDEO)).participantId });
  }
  return { call: started.call, all };
}

async function connect({ tab }: InCall, callId: string): Promise<LiveKitDevice> {
  const { url, token } = await tab.api.calls.connectSfu.query({ callId });
  return await joinLiveKit(url, token);
}

describe.skipIf(!isPossible)("a call that is too large for a mesh", () => {
  it("is handed over to LiveKit, where nobody stays who is not in it", async () => {
    await using liveKit = await startLiveKit();
    await using app = await testApp({ config: { liveKit } });
    const roomId = await generalRoom(app.owner);
    const { call: { callId }, all } = await startLargeCall(app, roomId);
    const [ana, ben, cleo, dan] = all;
    if (!ana || !ben || !cleo || !dan) throw new Error("Nobody is there");
    expect((await ben.tab.next("handoff")).topology).toBe("sfu");
    expect(ben.tab.call()?.topology).toBe("sfu");
    await using anaDevice = await connect(ana, callId);
    await using benDevice = await connect(ben, callId);
    await using cleoDevice = await connect(cleo, callId);
    const kept = await cleo.tab.api.calls.connectSfu.query({ callId });
    // Who leaves, and who is removed, is gone at once.
    let since = performance.now();
    await ben.tab.leave({ callId });
    await vi.waitFor(() => expect(benDevice.hasEnded).toBe(true), WAIT);
    expect(performance.now() - since).toBeLessThan(REMOVAL_MAX_MS);
    since = performance.now();
    await ana.tab.api.calls.moderate.mutate({
      callId,
      tabId: ana.tab.tabId,
      participantId: cleo.participantId,
      action: "remove",
    });
    await vi.waitFor(() => expect(cleoDevice.hasEnded).toBe(true), WAIT);
    expect(performance.now() - since).toBeLessThan(REMOVAL_MAX_MS);
    expect(await codeOf(cleo.tab.api.calls.connectSfu.query({ callId }))).toBe("not_in_call");
    // A token that was kept does not help for long.
    await using again = await joinLiveKit(kept.url, kept.token);
    await vi.waitFor(() => expect(again.hasEnded).toBe(true), WAIT);
    // Nor does one that the account no longer has a right to.
    await using danDevice = await connect(dan, callId);
    await app.owner.api.rooms.removeMember.mutate({ roomId, userId: dan.person.id });
    await vi.waitFor(() => expect(danDevice.hasEnded).toBe(true), WAIT);
    expect(anaDevice.hasEnded).toBe(false);
    for (const { tab } of all) await codeOf(tab.leave({ callId }));
    await vi.waitFor(() => expect(anaDevice.hasEnded).toBe(true), WAIT);
    const rooms = new SfuRooms({ liveKit, now: Date.now });
    await vi.waitFor(async () => expect(await rooms.list(callId)).toEqual([]), WAIT);
  }, 120_000);

  it("goes from browser to browser while LiveKit is away, without those who joined last", async () => {
    const liveKit = await startLiveKit();
    await using app = await testApp({ config: { liveKit } });
    const { call, all } = await startLargeCall(app, await generalRoom(app.owner));
    const { callId } = call;
    const [ana, , , , eva] = all;
    if (!ana || !eva) throw new Error("Nobody is there");
    await ana.tab.next("handoff");
    await liveKit[Symbol.asyncDispose]();
    expect((await ana.tab.next("handoff", 1)).topology).toBe("mesh");
    await ana.tab.until(4);
    expect(ana.tab.call()?.participants.map(({ participantId }) => participantId).sort()).toEqual(
      all.slice(0, 4).map(({ participantId }) => participantId).sort(),
    );
    expect(await eva.tab.next("call_ended")).toMatchObject({ callId, reason: "failed" });
    expect(await codeOf(eva.tab.join(call, VIDEO))).toBe("call_full");
    expect(await codeOf(ana.tab.api.calls.connectSfu.query({ callId }))).toBe("wrong_state");
    await using _again = await startLiveKit({ port: Number(new URL(liveKit.url).port) });
    await vi.waitFor(async () => expect(await codeOf(eva.tab.join(call, VIDEO))).toBe("ok"), WAIT);
    expect((await ana.tab.next("handoff", 2)).topology).toBe("sfu");
  }, 120_000);

  it("is full without LiveKit", async () => {
    await using app = await testApp();
    const roomId = await generalRoom(app.owner);
    await expect(startLargeCall(app, roomId)).rejects.toMatchObject({ data: { appCode: "call_full" } });
    expect(await codeOf(app.owner.api.calls.connectSfu.query({ callId: newId() }))).toBe("not_found");
  }, 30_000);
});
