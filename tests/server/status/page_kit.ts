import type { StatusId } from "../../../shared/ids.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { UptimeStore } from "../../../server/status/uptime_store.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp, TestAppOptions } from "../../support/test_app.ts";

/** When the days of the page end. */
export const NOW = Date.parse("2030-01-31T12:00:00.000Z");
const IDS = ["messages", "live", "events", "storage", "calls"];

/** A server with 90 days behind it, where live connections have an open incident. */
export async function troubledApp(
  clock: { now: number },
  options: TestAppOptions = {},
): Promise<TestApp & { readonly incidentId: StatusId }> {
  const app = await testApp({ now: () => clock.now, file: true, ...options });
  const store = new UptimeStore(app.services.db);
  for (const [index, id] of IDS.entries()) {
    const days = Array.from({ length: 89 }, (_, day) => {
      const from = NOW - (NOW % DAY_MS) - (89 - day) * DAY_MS;
      const state = day === 20 + 9 * index ? "partial_outage" as const : "operational" as const;
      return { id, from, to: from + DAY_MS, state };
    });
    await store.count(days);
  }
  // A server reads the days when it starts.
  await app.restart();
  const { status } = app.services;
  for (let round = 0; round < 2; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
  const { id: by } = app.owner;
  const components = [{ id: "live", status: "degraded_performance" }] as const;
  const incidentId = await status.incidents.open(
    { title: "Live is slow", text: "We *look*.", components },
    by,
  );
  const old = await status.incidents.open({ title: "Over <b>now</b>", text: "Late.", components: [] }, by);
  await status.incidents.update({ id: old, state: "resolved", text: "Well." }, by);
  await status.announcements.announce({ text: "Read [this](https://example.org)", level: "warning" }, by);
  await status.maintenances.plan({
    title: "Move",
    text: "We move.",
    components: ["storage"],
    startsAt: new Date(clock.now + DAY_MS).toISOString(),
    endsAt: new Date(clock.now + 2 * DAY_MS).toISOString(),
  }, by);
  clock.now += 4_000;
  return Object.assign(app, { incidentId });
}

/** The page of a visitor. */
export async function html(app: TestApp, path = "/status", headers: HeadersInit = {}): Promise<Response> {
  return await fetch(`${app.url}${path}`, { headers: { accept: "text/html", ...headers } });
}
