import { describe, expect, it } from "vitest";
import { hasDenokv } from "../support/denokv.ts";
import { hasProxies, PROXIES } from "../support/proxies.ts";
import { StatusReader } from "../support/status_reader.ts";
import { pause } from "../support/wait.ts";
import { Deployment } from "./deployment.ts";

const isPossible = await hasDenokv() && await hasProxies();
const PATIENT = { timeout: 30_000 };
/** Longer than proxies need to see that an instance is not ready. */
const NOTICED_MS = 4_000;

describe.skipIf(!isPossible).each(PROXIES)("an outage of storage behind %s", (name) => {
  it("is told by the status page, which every visitor reaches, as they reach the app", async () => {
    const clock = { now: Date.now() };
    await using deployment = await Deployment.start(name, { now: () => clock.now });
    const { pair, origin, certificate: { pem } } = deployment;
    using client = Deno.createHttpClient({ caCerts: [pem] });
    const get = async (path: string): Promise<[number, string]> => {
      const init = { client, headers: { accept: "application/json" } };
      const response = await fetch(`${origin}${path}`, init as RequestInit);
      return [response.status, await response.text()];
    };
    const round = async () => {
      clock.now += 20_000;
      await Promise.all([pair.app.server.monitor.tick(), pair.b.monitor.tick()]);
    };
    await pair.kv.kill();
    await round();
    await round();
    await pause(NOTICED_MS);
    for (let count = 0; count < 6; count++) {
      const [status, body] = await get("/api/v2/components.json");
      expect([status, body.includes(`"x_status":"major_outage"`)]).toEqual([200, true]);
      expect((await get("/status"))[0]).toBe(200);
      expect((await get("/status/badge.svg"))[1]).toContain("status: major outage");
    }
    await using reader = await StatusReader.open(origin, { caCert: pem });
    await expect.poll(() => reader.names, PATIENT).toEqual(["snapshot"]);
    await pair.kv.restart();
    await expect.poll(async () => (await get("/trpc/auth.me"))[0], PATIENT).toBe(200);
    await pair.settled();
  }, 120_000);
});
