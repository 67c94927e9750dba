import { describe, expect, it } from "vitest";
import type { RunningServer } from "../../server/server.ts";
import { hasDenokv } from "../support/denokv.ts";
import { beatsOf } from "../support/status_beats.ts";
import { StatusReader } from "../support/status_reader.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { InstanceName, TwoInstances } from "../support/two_instances.ts";

const isPossible = await hasDenokv();
/** For what other processes do, on a busy machine; visitors may look only so often. */
const PATIENT = { timeout: 60_000, interval: 500 };
/** Later than any message on the other instance, and earlier than what counts as slow. */
const LATE_MS = 700;
const WELL = {
  messages: "operational",
  live: "operational",
  events: "operational",
  storage: "operational",
  calls: "operational",
};

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

/** Lets both measure until one of them shows what is expected, as each does in at most two rounds if it is quick. */
async function measuredUntil<T>(
  { servers, clock }: { servers: readonly RunningServer[]; clock: { now: number } },
  look: () => Promise<T>,
  expected: object,
): Promise<void> {
  await expect.poll(async () => {
    clock.now += 20_000;
    // One after the other, so that the second has as much of the first as of itself.
    for (const { monitor } of servers) await monitor.tick();
    return await look();
  }, PATIENT).toMatchObject(expected);
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
    await expect.poll(() => onB.names, PATIENT).toEqual(["snapshot"]);
    const { id } = await status.openIncident.mutate({
      title: "Calls fail",
      text: "We look.",
      components: [],
    });
    await status.announce.mutate({ text: "one", level: "info" });
    await expect.poll(() => onB.names, PATIENT).toEqual(["snapshot", "incident", "announcement"]);
    const { incidents } = await json(pair, "b", "incidents/unresolved.json");
    expect(incidents).toMatchObject([{ id, name: "Calls fail", incident_updates: [{ body: "We look." }] }]);
    await status.announce.mutate({ text: "two", level: "info" });
    await using onA = await StatusReader.open(urlOf(pair, "a"), { lastEventId: onB.events[2]?.id ?? "" });
    await expect.poll(() => texts(onA), PATIENT).toEqual(["two"]);
    await status.deleteIncident.mutate({ id });
    await expect.poll(async () => (await json(pair, "b", "incidents.json"))["incidents"], PATIENT).toEqual(
      [],
    );
  }, 60_000);

  it("calls what one of them cannot do a partial outage, on both, until that one is gone", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    const both = { servers: [pair.app.server, pair.b], clock };
    const onBoth = async () => [await states(pair, "a"), await states(pair, "b")];
    await measuredUntil(both, onBoth, [WELL, WELL]);
    const { hub } = pair.b.services;
    const publish = hub.publish.bind(hub);
    hub.publish = (topic, item) => topic.startsWith("probe:") ? undefined : publish(topic, item);
    const partly = { ...WELL, messages: "partial_outage" };
    await measuredUntil(both, onBoth, [partly, partly]);
    await pair.stopB();
    await measuredUntil({ servers: [pair.app.server], clock }, () => states(pair, "a"), WELL);
  }, 240_000);

  it("keeps no announcement that has expired, on either", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    const both = [pair.app.services.status, pair.b.services.status];
    const expiresAt = new Date(clock.now + 60_000).toISOString();
    await pair.app.owner.api.status.announce.mutate({ text: "Short", level: "info", expiresAt });
    for (const { board } of both) {
      await expect.poll(() => board.announcements().map(({ text }) => text), PATIENT).toEqual(["Short"]);
    }
    clock.now += 120_000;
    for (const { board } of both) expect(board.expired(clock.now)).toHaveLength(1);
    for (const status of both) await status.advance();
    const keepers = both.filter(({ board }) => board.expired(clock.now).length > 0);
    // The other one may have to make the room, should the first one end.
    expect(keepers).toHaveLength(1);
    clock.now += 600_000;
    for (const status of both) await status.advance();
    for (const { board } of both) expect(board.expired(clock.now)).toEqual([]);
  }, 120_000);

  it("shows on both how long messages take on either", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    const { hub } = pair.b.services;
    const publish = hub.publish.bind(hub);
    const late: ReturnType<typeof setTimeout>[] = [];
    hub.publish = (topic, item) => {
      if (topic.startsWith("probe:")) late.push(setTimeout(() => publish(topic, item), LATE_MS));
      else publish(topic, item);
    };
    const both = { servers: [pair.app.server, pair.b], clock };
    const look = () =>
      Promise.resolve([pair.app, pair.b].map(({ services }) => {
        const { p50, p95 } = services.status.board.metrics.deliveredMs ?? { p50: Infinity, p95: 0 };
        return [p50 < LATE_MS, p95 >= LATE_MS];
      }));
    await measuredUntil(both, look, [[true, true], [true, true]]);
    for (const timer of late) clearTimeout(timer);
  }, 240_000);

  it("is told while storage is frozen, turns red, and comes back by itself", async () => {
    const clock = { now: Date.now() };
    await using pair = await twoInstances({ now: () => clock.now });
    const servers = [pair.app.server, pair.b];
    using _beats = beatsOf(servers);
    const here = { servers: [pair.app.server], clock };
    const onA = () => states(pair, "a");
    await measuredUntil({ servers, clock }, onA, WELL);
    await using reader = await StatusReader.open(urlOf(pair, "a"));
    await expect.poll(() => reader.names, PATIENT).toContain("snapshot");
    pair.kv.signal("SIGSTOP");
    const frozen = { messages: "major_outage", storage: "major_outage", live: "operational" };
    await measuredUntil(here, onA, frozen);
    const page = await fetch(`${urlOf(pair, "a")}/status`, { headers: { accept: "text/html" } });
    expect(await page.text()).toContain("Messages, Storage and Calls are down");
    await using late = await StatusReader.open(urlOf(pair, "a"));
    await expect.poll(() => late.names, PATIENT).toContain("snapshot");
    expect(JSON.parse(late.events[0]?.data ?? "").state).toBe("major_outage");
    const broken = { messages: "major_outage", storage: "major_outage" };
    await expect.poll(() => told(reader), PATIENT).toMatchObject(broken);
    pair.kv.signal("SIGCONT");
    // A change that was under way when storage froze may be stored after all; what counts is what comes last.
    const working = { messages: "operational", storage: "operational" };
    await measuredUntil(here, async () => [await onA(), told(reader)], [working, working]);
    await pair.settled();
  }, 300_000);
});
