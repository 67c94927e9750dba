import { describe, expect, it } from "vitest";
import type { CallUpdate } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { TabId } from "../../../shared/ids.ts";
import { codeOf, generalRoom, tabOf, VOICE } from "../../support/call_kit.ts";
import type { CallTab } from "../../support/call_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { Client } from "../../support/test_clients.ts";
import { pause, waitFor } from "../../support/wait.ts";

const callTimes = { ringMs: 45_000, leaseMs: 4_000, renewMs: 200 };

function send(tab: CallTab, callId: string, to: string, seq: number, payload = "hello") {
  const signal = { callId, to, tabId: tab.tabId, epoch: 0, seq, kind: "offer", payload } as const;
  return tab.api.calls.signal.mutate(signal);
}

/** A tab that polls, and everything that it heard. */
class Poller {
  readonly tabId = newId<TabId>();
  readonly heard: CallUpdate[] = [];
  readonly #api: Client;
  cursor: string | null = null;

  constructor(api: Client) {
    this.#api = api;
  }

  async poll(waitMs = 0): Promise<CallUpdate[]> {
    const { updates, cursor } = await this.#api.calls.poll.query({
      tabId: this.tabId,
      cursor: this.cursor,
      waitMs,
    });
    this.cursor = cursor;
    this.heard.push(...updates);
    return updates;
  }
}

describe("calls without WebSocket", () => {
  it("SLIM1 come with the changes of rooms, for the tab that asks", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const one = await tabOf(app, ana);
    const tabId = newId<TabId>();
    const heard: CallUpdate[] = [];
    const errors: unknown[] = [];
    const api = app.clientFor(ben, "sse");
    const stream = api.rooms.onChange.subscribe({ also: ["signals"], tabId }, {
      onData: (change) => change.type === "signal" && heard.push(change.update),
    });
    app.clientFor(ben, "ws").rooms.onChange.subscribe({ also: ["signals"] }, {
      onError: (error) => void errors.push(error.data?.appCode),
    });
    await waitFor(() => heard.length === 1 && errors.length === 1);
    expect(errors).toEqual(["invalid_input"]);
    expect(heard[0]).toEqual({ type: "snapshot", calls: [], rings: [], asOf: expect.any(String) });
    const { call } = await one.start(roomId);
    const { participantId } = await api.calls.join.mutate({ callId: call.callId, tabId, media: VOICE });
    await send(one, call.callId, participantId, 0);
    await waitFor(() => heard.at(-1)?.type === "signal");
    expect(heard.map(({ type }) => type)).toEqual(["snapshot", "call_changed", "call_changed", "signal"]);
    stream.unsubscribe();
  });

  it("SLIM2 can be polled, without a gap and from where the last answer ended", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const one = await tabOf(app, ana);
    const poller = new Poller(ben.api);
    expect(await poller.poll()).toEqual([{
      type: "snapshot",
      calls: [],
      rings: [],
      asOf: expect.any(String),
    }]);
    expect(await poller.poll()).toEqual([]);
    const waiting = poller.poll(20_000);
    const { call } = await one.start(roomId);
    expect((await waiting).map(({ type }) => type)).toEqual(["call_changed"]);
    const { callId } = call;
    const { participantId } = await ben.api.calls.join.mutate({ callId, tabId: poller.tabId, media: VOICE });
    for (let seq = 0; seq < 10; seq++) await send(one, callId, participantId, seq, `p${seq}`);
    const before = poller.cursor;
    const [changed, ...signals] = await poller.poll(20_000);
    expect(changed?.type).toBe("call_changed");
    expect(signals.map((update) => update.type === "signal" && update.payload)).toEqual(
      Array.from({ length: 10 }, (_, seq) => `p${seq}`),
    );
    // An answer that was lost on its way is asked for once more.
    poller.cursor = before;
    expect((await poller.poll()).length).toBe(11);
    expect(await poller.poll()).toEqual([]);
    // The second poll of a tab ends the first.
    const first = poller.poll(20_000);
    await waitFor(() => app.services.calls.polls.waitCount > 0);
    const second = poller.poll(20_000);
    expect(await first).toEqual([]);
    await one.leave(call);
    expect((await second).map(({ type }) => type)).toEqual(["call_changed"]);
    poller.cursor = "of-another-server.3";
    const [snapshot] = await poller.poll();
    expect(snapshot).toMatchObject({ type: "snapshot", calls: [{ callId }] });
  });

  it("SLIM3 a poller that is too far behind, by bytes, starts over with a snapshot", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const one = await tabOf(app, ana);
    const poller = new Poller(ben.api);
    await poller.poll();
    const { call } = await one.start(await generalRoom(ana));
    const { callId } = call;
    const { participantId } = await ben.api.calls.join.mutate({ callId, tabId: poller.tabId, media: VOICE });
    for (let seq = 0; seq < 10; seq++) await send(one, callId, participantId, seq, "x".repeat(32_000));
    const updates = await poller.poll();
    expect(updates.map(({ type }) => type)).toEqual(["snapshot"]);
  });

  it("SLIM4 polling holds the lease, and a poller that stops leaves", async () => {
    await using app = await testApp({ callTimes });
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const one = await tabOf(app, ana);
    const poller = new Poller(ben.api);
    await poller.poll();
    const { call } = await one.start(roomId);
    await ben.api.calls.join.mutate({ callId: call.callId, tabId: poller.tabId, media: VOICE });
    const until = performance.now() + 1.5 * callTimes.leaseMs;
    while (performance.now() < until) await Promise.all([poller.poll(400), pause(100)]);
    expect((await ana.api.calls.current.query({ roomId }))?.participants.length).toBe(2);
    await one.until(1);
    const left = (await poller.poll()).find(({ type }) => type === "call_ended");
    expect(left).toMatchObject({ callId: call.callId, reason: "failed" });
  });

  it("SLIM5 T03 whoever was removed gets no signal that was kept for them", async () => {
    await using app = await testApp();
    const [ana, ben] = [app.owner, await app.person("Ben")];
    const roomId = await generalRoom(ana);
    const one = await tabOf(app, ana);
    const poller = new Poller(ben.api);
    await poller.poll();
    const { call } = await one.start(roomId);
    const { callId } = call;
    const { participantId } = await ben.api.calls.join.mutate({ callId, tabId: poller.tabId, media: VOICE });
    await send(one, callId, participantId, 0);
    await ana.api.rooms.removeMember.mutate({ roomId, userId: ben.id });
    await one.until(1);
    const types = (await poller.poll()).map(({ type }) => type);
    expect(types).not.toContain("signal");
    expect(types.at(-1)).toBe("call_ended");
    const waiting = codeOf(poller.poll(20_000));
    await waitFor(() => app.services.calls.polls.waitCount > 0);
    await ben.api.auth.signOut.mutate();
    expect(await waiting).toBe("unauthenticated");
  });
});
