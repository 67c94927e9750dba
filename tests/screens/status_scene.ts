import { UptimeStore } from "../../server/status/uptime_store.ts";
import type { ComponentSpan } from "../../server/status/uptime_store.ts";
import type { Services } from "../../server/services.ts";
import { DAY_MS } from "../../shared/status/uptime.ts";
import type { Client } from "../support/test_clients.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Bad hours of the last 90 days. */
const TROUBLES = [
  { id: "live", daysAgo: 61, minutes: 18, state: "partial_outage" },
  { id: "messages", daysAgo: 34, minutes: 7, state: "major_outage" },
  { id: "storage", daysAgo: 34, minutes: 9, state: "major_outage" },
  { id: "live", daysAgo: 12, minutes: 45, state: "degraded_performance" },
] as const;

/** Puts the uptime of 90 days into storage, before a server opens it. */
export async function fillUptime({ db, status }: Services, now: number): Promise<void> {
  const store = new UptimeStore(db);
  for (const { id } of status.board.components()) {
    const spans: ComponentSpan[] = [];
    let at = now - 90 * DAY_MS;
    for (const { daysAgo, minutes, state } of TROUBLES.filter((trouble) => trouble.id === id)) {
      const from = now - daysAgo * DAY_MS;
      spans.push({ id, from: at, to: from, state: "operational" });
      at = from + minutes * MINUTE_MS;
      spans.push({ id, from, to: at, state });
    }
    await store.count([...spans, { id, from: at, to: now, state: "operational" }]);
  }
}

/** Tells the public of an incident and of planned work. */
export async function tellPublic(owner: Client, now: number): Promise<void> {
  const components = [{ id: "live", status: "degraded_performance" as const }];
  const { id } = await owner.status.openIncident.mutate({
    title: "Reconnecting takes longer than usual",
    text: "Some phones need up to ten seconds to come back after a pause. Messages are not lost.",
    components,
  });
  await owner.status.updateIncident.mutate({
    id,
    state: "identified",
    text: "A load balancer closes connections too early. We are changing its **timeout**.",
  });
  await owner.status.planMaintenance.mutate({
    title: "New disks",
    text: "Parley restarts once. People reconnect by themselves within ten seconds.",
    components: ["storage"],
    startsAt: new Date(now + 3 * DAY_MS).toISOString(),
    endsAt: new Date(now + 3 * DAY_MS + HOUR_MS).toISOString(),
  });
}
