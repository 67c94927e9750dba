import { describe, expect, it } from "vitest";
import type { CallDevice } from "../../server/calls/call_record.ts";
import { keys } from "../../server/kv/keys.ts";
import { REVOKE_WITHIN_MS } from "../../shared/limits.ts";
import { callTab, codeOf, directRoom, generalRoom, tabOf } from "../support/call_kit.ts";
import type { CallTab } from "../support/call_kit.ts";
import { hasDenokv, startDenokv } from "../support/denokv.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { startServerProcess } from "../support/server_process.ts";
import { testApp } from "../support/test_app.ts";
import type { Person } from "../support/test_app.ts";
import { Device } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";
import { pause, waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
const ROUND_COUNT = 50;
const MEDIA = { mic: true, cam: false };
/** Signals per measurement. */
const SIGNAL_COUNT = 100;
/** How much longer a signal may take to another instance; this machine is shared, so a multiple of the goal. */
const EXTRA_P50_MS = 60;
/** A lease, and how long another instance waits to be sure. */
const GONE_WITHIN_MS = 35_000;

function deviceOf({ id, me }: Person): CallDevice {
  const sessionId = me.sessionId;
  const tabId = "tab-of-one-only1" as CallDevice["tabId"];
  return { userId: id, accountId: id, key: sessionId ?? "", sessionId, tokenId: null, tabId };
}

function send(tab: CallTab, callId: string, to: string, seq: number, payload: string) {
  const signal = { callId, to, tabId: tab.tabId, epoch: 0, seq, kind: "candidates", payload } as const;
  return tab.api.calls.signal.mutate(signal);
}

/** Measures how long signals take, one after another. */
async function times(from: CallTab, to: CallTab, callId: string, participantId: string): Promise<number[]> {
  const before = to.all("signal").length;
  const taken: number[] = [];
  for (let seq = 0; seq < SIGNAL_COUNT; seq++) {
    const begunAt = performance.now();
    await send(from, callId, participantId, before + seq, `m${seq}`);
    await waitFor(() => to.all("signal").length > before + seq);
    taken.push(performance.now() - begunAt);
    // Below the limit of 30 a second and 150 at once.
    await pause(15);
  }
  return taken.sort((a, b) => a - b);
}

describe.skipIf(!isPossible)("calls between two instances", () => {
  it(
    "ICALL1 two who start at once on different instances are in one call; one of two answers wins",
    async () => {
      await using pair = await twoInstances();
      const { owner: ana } = pair.app;
      const ben = await pair.app.person("Ben");
      const roomId = await directRoom(ana, ben);
      const [onA, onB] = [pair.app.services.calls.store, pair.b.services.calls.store];
      const [first, second] = [deviceOf(ana), deviceOf(ben)];
      const other = await pair.app.services.sessions.start(
        { userId: ben.id, role: "member", userAgent: "" },
        [],
      );
      const phone = { ...second, key: other?.row.id ?? "", sessionId: other?.row.id ?? null };
      const options = { media: MEDIA, ring: [], purpose: "talk", mayRing: () => true } as const;
      for (let round = 0; round < ROUND_COUNT; round++) {
        const joined = await Promise.all([
          onA.start(first, roomId, options),
          onB.start(second, roomId, options),
        ]);
        expect(new Set(joined.map(({ call }) => call.callId)).size).toBe(1);
        const call = await onA.current(roomId);
        expect(call?.participants.length).toBe(2);
        await onB.leave(first, roomId, joined[0].call.callId);
        expect(await onA.current(roomId)).toBe(null);
      }
      for (let round = 0; round < ROUND_COUNT; round++) {
        const { call: { callId } } = await onA.start(first, roomId, options);
        const answers = await Promise.allSettled([
          onA.accept(second, roomId, callId, MEDIA),
          onB.accept(phone, roomId, callId, MEDIA),
        ]);
        expect(answers.filter(({ status }) => status === "fulfilled").length).toBe(1);
        expect((await onB.current(roomId))?.participants.length).toBe(2);
        await onA.leave(first, roomId, callId);
      }
      const { rows } = await pair.app.services.roomLog.read(roomId, 0, 500);
      const count = (type: string) => rows.filter(({ row }) => row.type === type).length;
      expect([count("call_started"), count("call_ended")]).toEqual([2 * ROUND_COUNT, 2 * ROUND_COUNT]);
    },
    120_000,
  );

  it("ICALL2 rings reach every instance, and stop within a second on all devices", async () => {
    await using pair = await twoInstances();
    const { owner: ana } = pair.app;
    const ben = await pair.app.person("Ben");
    const roomId = await directRoom(ana, ben);
    const one = await callTab(pair.client("a", ana, "ws"));
    const [near, far] = [
      await callTab(pair.client("a", ben, "ws")),
      await callTab(pair.client("b", ben, "ws")),
    ];
    for (let round = 0; round < 3; round++) {
      const { call } = await one.start(roomId);
      await near.next("ring", round);
      const { ring } = await far.next("ring", round);
      expect(ring.remainingMs).toBeGreaterThan(40_000);
      await far.api.calls.rang.mutate({ callId: call.callId, tabId: far.tabId });
      await waitFor(() => one.all("ring_state").at(-1)?.state === "ringing");
      const answeredAt = performance.now();
      await far.accept(call);
      expect((await near.next("ring_ended", round)).reason).toBe("answered_elsewhere");
      expect(performance.now() - answeredAt).toBeLessThan(1_000);
      expect((await one.next("ring_ended", round)).reason).toBe("accepted");
      // Somebody who asks the other instance at once is in the same call.
      expect((await pair.client("b", ana, "http").calls.current.query({ roomId }))?.participants.length).toBe(
        2,
      );
      await far.leave(call);
      await one.next("call_ended", round);
    }
  });

  it(
    "ICALL3 no byte of a signal reaches bystanders, on any instance, nor stays in storage or logs",
    async () => {
      await using pair = await twoInstances();
      const { owner: ana } = pair.app;
      const [ben, cleo] = [await pair.app.person("Ben"), await pair.app.person("Cleo")];
      const roomId = await generalRoom(ana);
      const secret = "d41f3a77b5c2";
      const bystanders: RawSocket[] = [];
      for (const [instance, person] of [["a", cleo], ["b", cleo], ["b", ben], ["a", ana]] as const) {
        const socket = await RawSocket.open(pair.deviceAt(instance, person));
        socket.subscribe(1, "calls.onSignal", { tabId: "tab-of-bystander" });
        socket.subscribe(2, "messages.onEvent", { roomId });
        socket.subscribe(3, "rooms.onChange", {
          also: ["typing", "presence", "signals"],
          tabId: "tab-of-bystander",
        });
        bystanders.push(socket);
      }
      const one = await callTab(pair.client("a", ana, "ws"));
      const two = await callTab(pair.client("b", ben, "ws"));
      const { call, participantId } = await one.start(roomId);
      const { participantId: to } = await two.join(call);
      await one.until(2);
      await two.until(2);
      for (let seq = 0; seq < 30; seq++) {
        await Promise.all([
          send(one, call.callId, to, seq, `${secret} ${seq}`),
          send(two, call.callId, participantId, seq, `${secret} ${seq}`),
        ]);
      }
      await one.next("signal", 29);
      await two.next("signal", 29);
      for (const tab of [one, two]) {
        expect(tab.all("signal").map(({ payload }) => payload)).toEqual(
          Array.from({ length: 30 }, (_, seq) => `${secret} ${seq}`),
        );
      }
      // The event after them has reached every bystander.
      await two.leave(call);
      await one.leave(call);
      await waitFor(() => bystanders.every(({ texts }) => texts.some((text) => text.includes("call_ended"))));
      for (const { texts } of bystanders) expect(texts.join("\n")).not.toContain(secret);
      expect([...pair.app.logs, ...pair.logs].join("\n")).not.toContain(secret);
      const { rows } = await pair.app.services.roomLog.read(roomId, 0, 500);
      expect(JSON.stringify(rows)).not.toContain(secret);
      const relayed = () =>
        pair.app.services.db.list(keys.feedShard(pair.app.services.roomLog.epoch, "relay"), { limit: 100 });
      expect((await relayed()).length, "rows of signals that were just read").toBeGreaterThan(0);
      await waitFor(async () => (await relayed()).length === 0, { timeoutMs: 30_000 });
    },
    60_000,
  );

  it("ICALL4 signals to the other instance take little longer than within one", async () => {
    await using pair = await twoInstances();
    const { owner: ana } = pair.app;
    const [ben, cleo] = [await pair.app.person("Ben"), await pair.app.person("Cleo")];
    const one = await callTab(pair.client("a", ana, "ws"));
    const near = await callTab(pair.client("a", ben, "ws"));
    const far = await callTab(pair.client("b", cleo, "ws"));
    const { call } = await one.start(await generalRoom(ana));
    const { participantId: nearId } = await near.join(call);
    const { participantId: farId } = await far.join(call);
    const local = await times(one, near, call.callId, nearId);
    // The tokens of the limit fill up again.
    await pause(2_000);
    const remote = await times(one, far, call.callId, farId);
    const at = (taken: number[], share: number) => taken[Math.floor(share * (taken.length - 1))] ?? 0;
    const [p50, p99] = [at(remote, 0.5) - at(local, 0.5), at(remote, 0.99) - at(local, 0.99)];
    const figures = `local p50 ${at(local, 0.5).toFixed(1)} ms, p99 ${at(local, 0.99).toFixed(1)} ms; ` +
      `across instances ${p50.toFixed(1)} ms more at p50, ${p99.toFixed(1)} ms more at p99`;
    await Deno.stdout.write(new TextEncoder().encode(`Signals: ${figures}\n`));
    expect(p50, figures).toBeLessThan(EXTRA_P50_MS);
  }, 60_000);

  it("ICALL5 T03 losing the room or the session on one ends the participation on the other", async () => {
    await using pair = await twoInstances();
    const { owner: ana } = pair.app;
    const [ben, cleo] = [await pair.app.person("Ben"), await pair.app.person("Cleo")];
    const roomId = await generalRoom(ana);
    const one = await callTab(pair.client("b", ana, "ws"));
    const two = await callTab(pair.client("b", ben, "ws"));
    const three = await callTab(pair.client("b", cleo, "sse"));
    const { call } = await one.start(roomId);
    const { participantId: to } = await two.join(call);
    await three.join(call);
    await one.until(3);
    three.stop();
    const onA = pair.client("a", ana, "http");
    await onA.rooms.removeMember.mutate({ roomId, userId: ben.id });
    const removedAt = performance.now();
    expect(await two.next("call_ended")).toMatchObject({ reason: "left_room" });
    await one.until(2);
    expect(performance.now() - removedAt).toBeLessThan(REVOKE_WITHIN_MS);
    expect(await codeOf(send(one, call.callId, to, 0, "x"))).toBe("not_in_call");
    await pair.client("a", cleo, "http").auth.signOut.mutate();
    const signedOutAt = performance.now();
    await one.until(1);
    expect(performance.now() - signedOutAt).toBeLessThan(REVOKE_WITHIN_MS);
    expect(two.all("signal")).toEqual([]);
  });

  it(
    "ICALL6 a removal and a join at once, on different instances, never leave a participant without rights",
    async () => {
      await using pair = await twoInstances();
      const { owner: ana } = pair.app;
      const ben = await pair.app.person("Ben");
      const roomId = await generalRoom(ana);
      const [onA, onB] = [pair.app.services, pair.b.services];
      const device = deviceOf(ben);
      const { call: { callId } } = await onA.calls.store.start(deviceOf(ana), roomId, {
        media: MEDIA,
        ring: [],
        purpose: "talk",
        mayRing: () => true,
      });
      for (let round = 0; round < ROUND_COUNT; round++) {
        const leaving = onA.rooms.members.leave({ roomId, userId: ben.id, by: ana.id });
        const joining = codeOf(onB.calls.store.join(device, roomId, callId, MEDIA));
        await Promise.all([leaving, joining]);
        await waitFor(async () => (await onA.calls.store.current(roomId))?.participants.length === 1);
        await onA.rooms.members.join({ roomId, userId: ben.id });
      }
      await onA.calls.store.leave(deviceOf(ana), roomId, callId);
    },
    120_000,
  );

  it("ICALL7 F16 participants of a killed instance leave within 35 s, and the call goes on", async () => {
    await using kv = await startDenokv();
    await using app = await testApp({ config: { kvUrl: kv.url } });
    const ben = await app.person("Ben");
    await using other = await startServerProcess({
      env: { KV_URL: kv.url, DENO_KV_ACCESS_TOKEN: kv.token },
    });
    const device = new Device(other.url, ben.device.address);
    device.cookie = ben.device.cookie;
    const one = await tabOf(app, app.owner);
    const two = await callTab(device.client("sse"));
    const { call } = await one.start(await generalRoom(app.owner));
    await two.join(call);
    await one.until(2);
    await other.kill();
    const killedAt = performance.now();
    two.stop();
    await device[Symbol.asyncDispose]();
    await waitFor(() => one.call()?.participants.length === 1, { timeoutMs: GONE_WITHIN_MS });
    expect(performance.now() - killedAt).toBeGreaterThan(15_000);
    expect(one.all("call_ended")).toEqual([]);
    expect((await app.owner.api.calls.current.query({ roomId: call.roomId }))?.participants.length).toBe(1);
  }, 90_000);
});
