import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { STATUSPAGE_ANSWERS } from "../../../server/status/statuspage_json.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const state = v.picklist([
  "operational",
  "degraded_performance",
  "partial_outage",
  "major_outage",
  "under_maintenance",
]);
const extension = { x_status: v.string() };
const page = v.strictObject({
  id: v.string(),
  name: v.string(),
  url: v.pipe(v.string(), v.url()),
  time_zone: v.literal("Etc/UTC"),
  updated_at: time,
});
const status = v.strictObject({
  indicator: v.picklist(["none", "minor", "major", "critical", "maintenance"]),
  description: v.picklist([
    "All Systems Operational",
    "Minor Service Outage",
    "Partial System Outage",
    "Major Service Outage",
    "Service Under Maintenance",
    "Partially Degraded Service",
  ]),
  ...extension,
  x_sentence: v.string(),
});
const component = v.strictObject({
  id: v.string(),
  name: v.string(),
  status: state,
  created_at: time,
  updated_at: time,
  position: v.number(),
  description: v.nullable(v.string()),
  showcase: v.boolean(),
  start_date: v.nullable(v.string()),
  group_id: v.nullable(v.string()),
  page_id: v.string(),
  group: v.boolean(),
  only_show_if_degraded: v.boolean(),
  components: v.optional(v.array(v.string())),
  ...extension,
  x_measured_at: v.optional(v.nullable(time)),
});
const update = v.strictObject({
  id: v.string(),
  status: v.string(),
  body: v.string(),
  incident_id: v.string(),
  created_at: time,
  updated_at: time,
  display_at: time,
  affected_components: v.nullable(v.array(
    v.strictObject({ code: v.string(), name: v.string(), old_status: state, new_status: state }),
  )),
  deliver_notifications: v.boolean(),
  custom_tweet: v.null(),
  tweet_id: v.null(),
});
const item = {
  id: v.string(),
  name: v.string(),
  created_at: time,
  updated_at: time,
  monitoring_at: v.nullable(time),
  resolved_at: v.nullable(time),
  shortlink: v.pipe(v.string(), v.url()),
  started_at: time,
  page_id: v.string(),
  incident_updates: v.array(update),
  components: v.array(component),
};
const incidents = v.array(v.strictObject({
  ...item,
  status: v.picklist(["investigating", "identified", "monitoring", "resolved", "postmortem"]),
  impact: v.picklist(["none", "minor", "major", "critical"]),
}));
const maintenances = v.array(v.strictObject({
  ...item,
  status: v.picklist(["scheduled", "in_progress", "verifying", "completed"]),
  impact: v.literal("maintenance"),
  scheduled_for: time,
  scheduled_until: time,
}));
const maintenanceList = v.strictObject({ page, scheduled_maintenances: maintenances });
const incidentList = v.strictObject({ page, incidents });
const SCHEMAS = {
  "summary.json": v.strictObject({
    page,
    components: v.array(component),
    incidents,
    scheduled_maintenances: maintenances,
    status,
    x_announcements: v.array(v.strictObject({
      id: v.string(),
      level: v.picklist(["info", "warning", "critical"]),
      body: v.string(),
      created_at: time,
      expires_at: v.nullable(time),
    })),
  }),
  "status.json": v.strictObject({ page, status }),
  "components.json": v.strictObject({ page, components: v.array(component) }),
  "incidents.json": incidentList,
  "incidents/unresolved.json": incidentList,
  "scheduled-maintenances.json": maintenanceList,
  "scheduled-maintenances/upcoming.json": maintenanceList,
  "scheduled-maintenances/active.json": maintenanceList,
};

/** An incident that is open, one that is over, one that was explained, and a maintenance in each step. */
async function fill(app: TestApp): Promise<void> {
  const { incidents, maintenances, components } = app.services.status;
  const { id: by } = app.owner;
  await components.set("live", { group: "Apps" }, by);
  await components.set("events", { group: "Apps", description: "" }, by);
  await app.services.status.refresh();
  const affected = [{ id: "live", status: "partial_outage" }] as const;
  await incidents.open({ title: "Open", text: "It *fails*.", components: affected }, by);
  const over = await incidents.open({ title: "Over", text: "It failed.", components: affected }, by);
  await incidents.update({ id: over, state: "monitoring", text: "Mended." }, by);
  await incidents.update({ id: over, state: "resolved", text: "Done." }, by);
  const explained = await incidents.open({ title: "Explained", text: "It failed.", components: [] }, by);
  await incidents.update({ id: explained, state: "identified", text: "We know." }, by);
  await incidents.update({ id: explained, state: "resolved", text: "Done." }, by);
  await incidents.update({ id: explained, state: "postmortem", text: "A cable." }, by);
  const plan = (title: string) =>
    maintenances.plan({
      title,
      text: "We move.",
      components: ["storage"],
      startsAt: new Date(Date.now() + 3_600_000).toISOString(),
      endsAt: new Date(Date.now() + 7_200_000).toISOString(),
    }, by);
  await plan("Ahead");
  await maintenances.update({ id: await plan("Running"), state: "in_progress", text: "Now." }, by);
  const checked = await plan("Checked");
  const done = await plan("Done");
  for (const id of [checked, done]) {
    await maintenances.update({ id, state: "in_progress", text: "Now." }, by);
    await maintenances.update({ id, state: "verifying", text: "We look." }, by);
  }
  await maintenances.update({ id: done, state: "completed", text: "Moved." }, by);
  await maintenances.update({ id: await plan("Never"), state: "cancelled", text: "Not today." }, by);
}

async function get(app: TestApp, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${app.url}${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return await response.json() as Record<string, unknown>;
}

describe("/api/v2", () => {
  it("answers all paths in the form that consumers know, page first", async () => {
    await using app = await testApp();
    expect(Object.keys(SCHEMAS).sort()).toEqual(Object.keys(STATUSPAGE_ANSWERS).sort());
    for (const isFilled of [false, true]) {
      if (isFilled) await fill(app);
      for (const [path, schema] of Object.entries(SCHEMAS)) {
        const answer = await get(app, `/api/v2/${path}`);
        expect(() => v.parse(schema, answer), path).not.toThrow();
        expect(Object.keys(answer)[0]).toBe("page");
      }
    }
    const names = async (path: string, field: string) =>
      ((await get(app, `/api/v2/${path}`))[field] as { name: string }[]).map(({ name }) => name).sort();
    expect(await names("incidents.json", "incidents")).toEqual(["Explained", "Open", "Over"]);
    expect(await names("incidents/unresolved.json", "incidents")).toEqual(["Open"]);
    expect(await names("scheduled-maintenances.json", "scheduled_maintenances")).toEqual([
      "Ahead",
      "Checked",
      "Done",
      "Never",
      "Running",
    ]);
    expect(await names("scheduled-maintenances/upcoming.json", "scheduled_maintenances")).toEqual(["Ahead"]);
    expect(await names("scheduled-maintenances/active.json", "scheduled_maintenances")).toEqual([
      "Checked",
      "Running",
    ]);
    expect(await names("summary.json", "scheduled_maintenances")).toEqual(["Ahead", "Checked", "Running"]);
  });

  it("never says that a component is younger than its last change", async () => {
    const clock = { now: Date.now() };
    await using app = await testApp({ now: () => clock.now });
    clock.now += 30_000;
    const { components } = v.parse(SCHEMAS["components.json"], await get(app, "/api/v2/components.json"));
    for (const one of components) expect([one.id, one.created_at <= one.updated_at]).toEqual([one.id, true]);
  });

  it("tells what the format has no words for in fields of its own, and never as green", async () => {
    await using app = await testApp();
    await fill(app);
    const { status, components } = await get(app, "/api/v2/summary.json") as {
      status: Record<string, string>;
      components: Record<string, unknown>[];
    };
    expect(status).toMatchObject({ indicator: "major", description: "Partial System Outage" });
    expect(components[0]).toMatchObject({
      group: true,
      name: "Apps",
      components: ["live", "events"],
      status: "partial_outage",
    });
    const messages = components.find(({ id }) => id === "messages");
    expect(messages).toMatchObject({
      status: "degraded_performance",
      x_status: "unknown",
      x_measured_at: null,
    });
    const { scheduled_maintenances: all } = await get(app, "/api/v2/scheduled-maintenances.json") as {
      scheduled_maintenances: {
        name: string;
        status: string;
        incident_updates: { body: string; status: string }[];
      }[];
    };
    const cancelled = all.find(({ name }) => name === "Never");
    expect(cancelled).toMatchObject({
      status: "completed",
      incident_updates: [{ status: "completed", body: "Cancelled: Not today." }, {}],
    });
  });

  it("says each state in the words by which consumers classify", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ now: () => clock.now });
    const { board } = app.services.status;
    for (
      const [worst, indicator, description] of [
        ["operational", "none", "All Systems Operational"],
        ["under_maintenance", "maintenance", "Service Under Maintenance"],
        ["unknown", "minor", "Minor Service Outage"],
        ["degraded_performance", "minor", "Partially Degraded Service"],
        ["partial_outage", "major", "Partial System Outage"],
        ["major_outage", "critical", "Major Service Outage"],
      ] as const
    ) {
      clock.now += 2_000;
      for (const { id } of board.components()) {
        board.measure(id, { state: id === "storage" ? worst : "operational", at: clock.now });
      }
      for (const path of ["status.json", "summary.json"] as const) {
        const answer = await get(app, `/api/v2/${path}`);
        v.parse(SCHEMAS[path] as v.GenericSchema, answer);
        expect(answer["status"]).toMatchObject({ indicator, description, x_status: worst });
      }
      const { components } = await get(app, "/api/v2/components.json");
      const storage = (components as { id: string }[]).find(({ id }) => id === "storage");
      expect(storage).toMatchObject({
        status: worst === "unknown" ? "degraded_performance" : worst,
        x_status: worst,
      });
    }
  });

  it("lists the 50 newest, however many are open", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
    await using app = await testApp({ now: () => clock.now });
    const { incidents, maintenances } = app.services.status;
    const by = app.owner.id;
    for (let count = 0; count < 52; count++) {
      clock.now++;
      const id = await incidents.open({ title: `${count}`, text: "Oh.", components: [] }, by);
      const planned = await maintenances.plan({
        title: `${count}`,
        text: "Oh.",
        components: [],
        startsAt: new Date(clock.now + (count + 1) * 60_000).toISOString(),
        endsAt: new Date(clock.now + 7_200_000).toISOString(),
      }, by);
      if (count % 10 === 0) continue;
      await incidents.update({ id, state: "resolved", text: "Done." }, by);
      await maintenances.update({ id: planned, state: "cancelled", text: "No." }, by);
    }
    const titles = Array.from({ length: 50 }, (_, index) => `${51 - index}`);
    for (
      const [path, field] of [["incidents", "incidents"], [
        "scheduled-maintenances",
        "scheduled_maintenances",
      ]]
    ) {
      const list = (await get(app, `/api/v2/${path}.json`))[field ?? ""] as { name: string }[];
      expect(list.map(({ name }) => name)).toEqual(titles);
    }
    const { incidents: unresolved } = await get(app, "/api/v2/incidents/unresolved.json");
    expect(unresolved).toHaveLength(6);
  });

  it("is the same below /status and at its aliases, for every origin, without a cookie", async () => {
    await using app = await testApp();
    await fill(app);
    const aliases = ["summary.json", "components.json"];
    for (const path of Object.keys(SCHEMAS)) {
      const own = await get(app, `/api/v2/${path}`);
      expect(await get(app, `/status/api/v2/${path}`)).toEqual(own);
      if (aliases.includes(path)) expect(await get(app, `/status/${path}`)).toEqual(own);
      for (const method of ["GET", "HEAD"]) {
        const response = await fetch(`${app.url}/api/v2/${path}`, {
          method,
          headers: { origin: "https://elsewhere.example" },
        });
        await response.body?.cancel();
        const { headers, status } = response;
        expect([path, method, status]).toEqual([path, method, 200]);
        expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
        expect(headers.get("access-control-allow-origin")).toBe("*");
        expect(headers.get("access-control-allow-credentials")).toBeNull();
        expect(headers.get("cache-control")).toBe("max-age=10, must-revalidate");
        expect([headers.get("set-cookie"), headers.get("cross-origin-resource-policy")]).toEqual([
          null,
          "cross-origin",
        ]);
      }
    }
    for (
      const path of ["/api/v2/nothing.json", "/api/v2/__proto__", "/api/v2/", "/status/badge.svg?component=x"]
    ) {
      const missing = await fetch(`${app.url}${path}`);
      await missing.body?.cancel();
      expect([path, missing.status]).toEqual([path, 404]);
    }
  });

  it("answers HEAD, and 304 to who has it already, until something changes", async () => {
    const clock = { now: Date.parse("2030-01-31T12:00:10.000Z") };
    await using app = await testApp({ now: () => clock.now });
    const url = `${app.url}/api/v2/summary.json`;
    const head = await fetch(url, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const etag = head.headers.get("etag") ?? "";
    const ask = async () => {
      const response = await fetch(url, { headers: { "If-None-Match": etag } });
      await response.body?.cancel();
      return response.status;
    };
    clock.now += 2_000;
    expect(await ask()).toBe(304);
    await app.services.status.incidents.open({ title: "New", text: "New.", components: [] }, app.owner.id);
    clock.now += 2_000;
    expect(await ask()).toBe(200);
  });
});

describe("text and badge", () => {
  it("are for terminals and programs", async () => {
    await using app = await testApp();
    await fill(app);
    const { status: { announcements } } = app.services;
    await announcements.announce({ text: "Careful\u001b[2J\n- now", level: "warning" }, app.owner.id);
    const ask = async (path: string, accept: string) => {
      const response = await fetch(`${app.url}${path}`, { headers: { accept } });
      return [
        response.headers.get("content-type"),
        await response.text(),
        response.headers.get("vary"),
      ] as const;
    };
    const [type, text, vary] = await ask("/status", "text/plain");
    expect([type, vary]).toEqual(["text/plain; charset=utf-8", "Accept, Accept-Language, Accept-Encoding"]);
    expect(text).toMatch(/^Live connection {2}Partial outage$/m);
    expect(text).toContain("[warning] Careful [2J - now");
    // deno-lint-ignore no-control-regex -- what terminals obey
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    for (const [path, accept] of [["/status", "text/markdown"], ["/status.md", "*/*"]] as const) {
      const [markdownType, markdown] = await ask(path, accept);
      expect(markdownType).toBe("text/markdown; charset=utf-8");
      expect(markdown).toContain("## Open");
    }
    const [svgType, svg] = await ask("/status/badge.svg?component=live", "image/svg+xml");
    expect(svgType).toBe("image/svg+xml; charset=utf-8");
    expect(svg).toContain("Live connection");
    expect(svg).toContain("partial outage");
  });
});
