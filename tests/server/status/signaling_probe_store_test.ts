import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { keys } from "../../../server/kv/keys.ts";
import { parseTurnServer } from "../../../server/net/turn_server.ts";
import { runProbe } from "../../../server/status/probes/probe.ts";
import { SignalingProbeStore } from "../../../server/status/probes/signaling_probe_store.ts";
import type { SignalingProbeOptions } from "../../../server/status/probes/signaling_probe_store.ts";
import { hasCoturn, startCoturn } from "../../support/coturn.ts";
import { freePort } from "../../support/free_port.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const SECRET = "secret-of-the-relays";

function probeOf({ services: { db, status, calls, signals } }: TestApp, name = "one"): SignalingProbeStore {
  const relay: SignalingProbeOptions["relay"] = (to, sent) => calls.relay.relay(to, sent);
  return new SignalingProbeStore({ db, log: status.probeLog, relay, signals, name });
}

/** Rounds of all probes; returns how calls are then. */
async function rounds(app: TestApp, clock: { now: number }, count: number) {
  for (let round = 0; round < count; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
  return app.services.status.board.components().find(({ id }) => id === "calls");
}

describe("calls on the status page", () => {
  it("are down while none can start, and work again when storage does", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    const { db } = app.services;
    expect(await rounds(app, clock, 2)).toMatchObject({
      name: "Calls",
      description: "Ringing and connecting calls",
      state: "operational",
    });
    const commit = db.commit.bind(db);
    db.commit = () => Promise.reject(new AppError("storage_unavailable", "Storage does not answer"));
    expect(await rounds(app, clock, 2)).toMatchObject({ state: "major_outage" });
    db.commit = commit;
    expect(await rounds(app, clock, 2)).toMatchObject({ state: "operational" });
  });

  it("are down while storage says nothing at all", async () => {
    await using app = await testApp();
    const { db } = app.services;
    const commit = db.commit.bind(db);
    const held = Promise.withResolvers<void>();
    db.commit = async (written) => {
      await held.promise;
      return await commit(written);
    };
    expect(await runProbe(probeOf(app), 50)).toEqual({
      state: "major_outage",
      reason: "No answer within 50 ms",
    });
    held.resolve();
    db.commit = commit;
    expect(await runProbe(probeOf(app))).toEqual({ state: "operational" });
  });

  it("are down while signals cannot be sent or do not arrive", async () => {
    await using app = await testApp();
    const { feed } = app.services;
    const relay = feed.relay.bind(feed);
    feed.relay = () => Promise.reject(new AppError("storage_unavailable", "Storage does not answer"));
    expect(await runProbe(probeOf(app))).toEqual({
      state: "major_outage",
      reason: "Storage does not answer",
    });
    feed.relay = () => Promise.resolve();
    expect(await runProbe(probeOf(app), 50)).toMatchObject({ state: "major_outage" });
    feed.relay = relay;
    // As two instances do.
    const both = [probeOf(app), probeOf(app, "two")].map((one) => runProbe(one));
    expect(await Promise.all(both)).toEqual([{ state: "operational" }, { state: "operational" }]);
  });

  it("are measured without a trace in storage", async () => {
    await using app = await testApp();
    const { db } = app.services;
    for (let run = 0; run < 3; run++) expect((await runProbe(probeOf(app))).state).toBe("operational");
    expect((await db.get(keys.callProbe("one"))).value).toBeNull();
    expect((await db.list(keys.probeEvents("call:one"), { limit: 10 })).length).toBe(1);
  });

  it("are partly down while LiveKit does not answer", async () => {
    const clock = { now: Date.now() };
    const liveKit = { url: `http://127.0.0.1:${freePort()}`, key: "parley", secret: "s".repeat(32) };
    await using app = await testApp({ now: () => clock.now, config: { liveKit } });
    await expect.poll(() => app.services.calls.isSfuThere, { timeout: 20_000 }).toBe(false);
    expect(await rounds(app, clock, 2)).toMatchObject({ state: "partial_outage" });
  });
});

describe.skipIf(!await hasCoturn())("calls with relays", () => {
  it("need both relays and storage", async () => {
    const clock = { now: Date.now() };
    const relays = await startCoturn({ secret: SECRET });
    const servers = [parseTurnServer(`turn:127.0.0.1:${relays.port}`)].filter((server) => server !== null);
    await using app = await testApp({
      now: () => clock.now,
      config: { turn: { servers, secret: SECRET } },
    });
    expect(await rounds(app, clock, 2)).toMatchObject({
      description: "Ringing and connecting calls, also through firewalls",
      state: "operational",
    });
    const { db } = app.services;
    const commit = db.commit.bind(db);
    db.commit = () => Promise.reject(new AppError("storage_unavailable", "Storage does not answer"));
    expect(await rounds(app, clock, 2)).toMatchObject({ state: "major_outage" });
    db.commit = commit;
    expect(await rounds(app, clock, 2)).toMatchObject({ state: "operational" });
    await relays[Symbol.asyncDispose]();
    expect(await rounds(app, clock, 2)).toMatchObject({ state: "major_outage" });
  }, 60_000);
});
