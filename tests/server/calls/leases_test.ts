import { describe, expect, it } from "vitest";
import { newId } from "../../../shared/ids.ts";
import type { TabId } from "../../../shared/ids.ts";
import { callTab, generalRoom, tabOf, VOICE } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import { pause, waitFor } from "../../support/wait.ts";

const LEASE_MS = 2_500;
const callTimes = { ringMs: 45_000, leaseMs: LEASE_MS, renewMs: 200 };

describe("leases of participants", () => {
  it("LEASE1 last while a stream of the tab is open, and end after it", async () => {
    await using app = await testApp({ callTimes });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben, "sse")];
    const { call } = await one.start(roomId);
    const { participantId } = await two.join(call);
    // The same tab comes back before its lease ends.
    two.stop();
    const back = await callTab(app.clientFor(ben, "sse"), two.tabId);
    const again = await back.join(call);
    expect(again.participantId).toBe(participantId);
    expect(again.call.participants.map(({ seq }) => seq)).toEqual([1, 2]);
    await pause(1.5 * LEASE_MS);
    expect((await ana.api.calls.current.query({ roomId }))?.participants.length).toBe(2);
    const stoppedAt = performance.now();
    back.stop();
    // Another tab of the same session does not hold the lease.
    await tabOf(app, ben);
    expect((await one.until(1)).participants[0]?.userId).toBe(ana.id);
    expect(performance.now() - stoppedAt).toBeGreaterThan(0.7 * LEASE_MS);
  });

  it("LEASE2 end for a device that never opened a stream, and with the last one the call", async () => {
    await using app = await testApp({ callTimes });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const watcher = await tabOf(app, ben);
    await ana.api.calls.start.mutate({ roomId, tabId: newId<TabId>(), media: VOICE });
    await watcher.until(1);
    expect(await watcher.next("call_ended")).toMatchObject({ roomId, missed: true });
    expect(await ana.api.calls.current.query({ roomId })).toBe(null);
  });

  it("LEASE3 run anew from a start, so a call outlives a restart if its participants come back", async () => {
    await using app = await testApp({ file: true, callTimes: { ...callTimes, leaseMs: 3_000 } });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const [one, two] = [await tabOf(app, ana), await tabOf(app, ben, "sse")];
    const { call } = await one.start(roomId);
    await two.join(call);
    two.stop();
    await app.restart();
    // The stock client of the first comes back by itself.
    await waitFor(() => one.all("snapshot").length > 1, { timeoutMs: 20_000 });
    expect(one.all("snapshot").at(-1)?.calls[0]).toMatchObject({ callId: call.callId });
    expect(one.all("snapshot").at(-1)?.calls[0]?.participants.length).toBe(2);
    await waitFor(() => one.call()?.participants.length === 1, { timeoutMs: 20_000 });
    expect(one.all("call_ended")).toEqual([]);
    await one.leave(call);
    await one.next("call_ended");
  });
});
