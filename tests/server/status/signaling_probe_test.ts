import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { runProbe } from "../../../server/status/probes/probe.ts";
import { SignalingProbe } from "../../../server/status/probes/signaling_probe.ts";
import { testApp } from "../../support/test_app.ts";

describe("calls without relays", () => {
  it("are measured by a signal that takes the way of theirs", async () => {
    await using app = await testApp();
    const { feed, signals } = app.services;
    const probe = new SignalingProbe({ feed, signals });
    expect(await runProbe(probe)).toEqual({ state: "operational" });
    const relay = feed.relay.bind(feed);
    feed.relay = () => Promise.reject(new AppError("storage_unavailable", "Storage does not answer"));
    expect(await runProbe(probe)).toEqual({ state: "major_outage", reason: "Storage does not answer" });
    // It is stored, but arrives nowhere.
    feed.relay = () => Promise.resolve();
    expect(await runProbe(probe, 50)).toMatchObject({ state: "major_outage" });
    feed.relay = relay;
    expect((await Promise.all([probe, probe].map((one) => runProbe(one)))).map(({ state }) => state))
      .toEqual(["operational", "operational"]);
  });

  it("have a component of their own, which says what is measured", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    for (let round = 0; round < 2; round++) {
      clock.now += 20_000;
      await app.server.monitor.tick();
    }
    const { components } = await app.owner.api.status.current.query();
    expect(components.find(({ id }) => id === "calls")).toMatchObject({
      name: "Calls",
      description: "Ringing and connecting calls",
      state: "operational",
    });
  });
});
