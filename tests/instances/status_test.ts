import { describe, expect, it } from "vitest";
import { hasDenokv } from "../support/denokv.ts";
import { StatusReader } from "../support/status_reader.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { InstanceName, TwoInstances } from "../support/two_instances.ts";

const isPossible = await hasDenokv();

function urlOf(pair: TwoInstances, instance: InstanceName): string {
  return `http://127.0.0.1:${pair.portOf(instance)}`;
}

async function json(
  pair: TwoInstances,
  instance: InstanceName,
  path: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${urlOf(pair, instance)}/api/v2/${path}`);
  return await response.json() as Record<string, unknown>;
}

async function states(pair: TwoInstances, instance: InstanceName): Promise<Record<string, string>> {
  const { components } = await json(pair, instance, "components.json");
  return Object.fromEntries(
    (components as { id: string; x_status: string }[]).map(({ id, x_status }) => [id, x_status]),
  );
}

/** A round of probes on both. */
async function round(pair: TwoInstances, clock: { now: number }): Promise<void> {
  clock.now += 20_000;
  await pair.app.server.monitor.tick();
  await pair.b.monitor.tick();
}

function texts(reader: StatusReader): string[] {
  return reader.events.filter(({ event }) => event === "announcement").map(({ data }) =>
    JSON.parse(data).text
  );
}

/** What a reader believes of each component. */
function told(reader: StatusReader): Record<string, string> {
  const states = new Map<string, string>();
  for (const { event, data } of reader.events) {
    const value = JSON.parse(data);
    const components = event === "snapshot" ? value.components : event === "component" ? [value] : [];
    for (const { id, state } of components) states.set(id, state);
  }
  return Object.fromEntries(states);
}

describe.skipIf(!isPossible)("the public status of two instances", () => {
  it("is the same on both, and readers go on at the other one", async () => {
    await using pair = await twoInstances();
    const { status } = pair.app.owner.api;
    await using onB = await StatusReader.open(urlOf(pair, "b"));
    await expect.poll(() => onB.names).toEqual(["snapshot"]);
    const { id } = await status.openIncident.mutate({
      title: "Calls fail",
      text: "We look.",
      components: [],
    });
    await status.announce.mutate({ text: "one", level: "info" });
    await expect.poll(() => onB.names).toEqual(["snapshot", "incident", "announcement"]);
    const { incidents } = await json(pair, "b", "incidents/unresolved.json");
    expect(incidents).toMatchObject([{ id, name: "Calls fail", incident_updates: [{ body: "We look." }] }]);
    await status.announce.mutate({ text: "two", level: "info" });
    await using onA = await StatusReader.open(urlOf(pair, "a"), { lastEventId: onB.events[2]?.id ?? "" });
    await expect.poll(() => texts(onA)).toEqual(["two"]);
    await status.deleteIncident.mutate({ id });
    await expect.poll(async () => (await json(pair, "b", "incidents.json"))["incidents"]).toEqual([]);
  }, 60_000);

  it("calls what one of them cannot do a partial outage, on both, until that one is gone", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    for (let count = 0; count < 3; count++) await round(pair, clock);
    const well = {
      messages: "operational",
      live: "operational",
      events: "operational",
      storage: "operational",
      calls: "operational",
    };
    expect(await states(pair, "a")).toEqual(well);
    expect(await states(pair, "b")).toEqual(well);
    const { hub } = pair.b.services;
    const publish = hub.publish.bind(hub);
    hub.publish = (topic, item) => topic.startsWith("probe:") ? undefined : publish(topic, item);
    for (let count = 0; count < 3; count++) await round(pair, clock);
    expect(await states(pair, "a")).toEqual({ ...well, messages: "partial_outage" });
    expect(await states(pair, "b")).toEqual({ ...well, messages: "partial_outage" });
    await pair.stopB();
    for (let count = 0; count < 3; count++) {
      clock.now += 20_000;
      await pair.app.server.monitor.tick();
    }
    expect(await states(pair, "a")).toEqual(well);
  }, 120_000);

  it("shows on both how long messages take on either", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    const { hub } = pair.b.services;
    const publish = hub.publish.bind(hub);
    const late: ReturnType<typeof setTimeout>[] = [];
    hub.publish = (topic, item) => {
      if (topic.startsWith("probe:")) late.push(setTimeout(() => publish(topic, item), 700));
      else publish(topic, item);
    };
    for (let count = 0; count < 4; count++) await round(pair, clock);
    for (const { services } of [pair.app, pair.b]) {
      const { deliveredMs } = services.status.board.metrics;
      expect(deliveredMs?.p95).toBeGreaterThanOrEqual(700);
      expect(deliveredMs?.p50).toBeLessThan(700);
    }
    for (const timer of late) clearTimeout(timer);
  }, 120_000);

  it("is told while storage is frozen, turns red, and comes back within two rounds", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    for (let count = 0; count < 3; count++) await round(pair, clock);
    await using reader = await StatusReader.open(urlOf(pair, "a"));
    await expect.poll(() => reader.names).toEqual(["snapshot"]);
    pair.kv.signal("SIGSTOP");
    clock.now += 20_000;
    await pair.app.server.monitor.tick();
    clock.now += 20_000;
    await pair.app.server.monitor.tick();
    expect(await states(pair, "a")).toMatchObject({
      messages: "major_outage",
      storage: "major_outage",
      live: "operational",
    });
    const page = await fetch(`${urlOf(pair, "a")}/status`, { headers: { accept: "text/html" } });
    expect(await page.text()).toContain("Messages, Storage and Calls are down");
    await using late = await StatusReader.open(urlOf(pair, "a"));
    await expect.poll(() => late.names).toEqual(["snapshot"]);
    expect(JSON.parse(late.events[0]?.data ?? "").state).toBe("major_outage");
    await expect.poll(() => reader.names, { timeout: 15_000 }).toContain("snapshot");
    pair.kv.signal("SIGCONT");
    clock.now += 20_000;
    await pair.app.server.monitor.tick();
    clock.now += 20_000;
    await pair.app.server.monitor.tick();
    expect(await states(pair, "a")).toMatchObject({ messages: "operational", storage: "operational" });
    // A change that was under way when storage froze may be stored after all; what counts is what comes last.
    await expect.poll(() => told(reader)).toMatchObject({
      messages: "operational",
      storage: "operational",
    });
  }, 120_000);
});
