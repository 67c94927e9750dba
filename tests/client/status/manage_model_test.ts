import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { claimField, readClaims } from "../../../client/status/component_claims.ts";
import { FormFields } from "../../../client/status/form_fields.ts";
import { fromLocalInput, toLocalInput } from "../../../client/status/local_time.ts";
import { ManageModel } from "../../../client/status/manage_model.ts";
import type { ManageOptions } from "../../../client/status/manage_model.ts";
import type { Status, StatusIncident } from "../../../shared/status/status.ts";

function setup(refusal: Error | null = null, status: Status | null = null) {
  const asked: string[] = [];
  const answer = (name: string, value: unknown) => ({
    query: () => {
      asked.push(name);
      return refusal === null ? Promise.resolve(value) : Promise.reject(refusal);
    },
  });
  const api = {
    settings: answer("settings", { components: [], closedIncidents: [{ id: "closed" }], rooms: [] }),
  } as unknown as ManageOptions["api"];
  const { query: readDrafts } = answer("drafts", undefined);
  const model = new ManageModel({
    api,
    status: signal(status),
    drafts: signal([{ id: "draft" } as StatusIncident]),
    readDrafts: () => readDrafts() as Promise<void>,
    rooms: signal([]),
  });
  return { model, asked };
}

describe("ManageModel", () => {
  it("reads what is not public, and again after a change, but not after one that failed", async () => {
    const { model, asked } = setup();
    await model.load();
    await model.change(() => Promise.resolve());
    expect(asked).toEqual(["settings", "drafts", "settings", "drafts"]);
    await expect(model.change(() => Promise.reject(new Error("No")))).rejects.toThrow("No");
    expect(asked.length).toBe(4);
  });

  it("says why it could not be read, and keeps what was typed", async () => {
    const { model } = setup(new Error("Gone"));
    model.form("announce").set("text", "Half a sent");
    await model.load();
    expect(model.failure.value?.code).toBe("offline");
    expect(model.form("announce").get("text")).toBe("Half a sent");
    model.form("announce").clear();
    expect(model.form("announce").get("text")).toBe("");
  });

  it("gives fields that nobody has typed into what they begin with now", () => {
    const { model } = setup();
    model.form("plan", { startsAt: "2030-01-01T12:00", endsAt: "2030-01-01T13:00" }).set("title", "Move");
    const nextDay = { startsAt: "2030-01-02T12:00", endsAt: "2030-01-02T13:00" };
    const form = model.form("plan", nextDay);
    expect(["title", "startsAt", "endsAt"].map((name) => form.get(name))).toEqual([
      "Move",
      nextDay.startsAt,
      nextDay.endsAt,
    ]);
    form.set("endsAt", "2030-01-02T15:00");
    expect(model.form("plan", nextDay).get("endsAt")).toBe("2030-01-02T15:00");
  });

  it("forgets what was typed about incidents and maintenance that are gone", async () => {
    const status = { incidents: [{ id: "open" }], maintenances: [{ id: "move" }] } as unknown as Status;
    const { model } = setup(null, status);
    const kept = ["incident open", "incident closed", "incident draft", "maintenance move", "open incident"];
    for (const key of [...kept, "incident gone", "maintenance gone"]) model.form(key).set("text", key);
    await model.load();
    for (const key of kept) expect(model.form(key).get("text")).toBe(key);
    expect(["incident gone", "maintenance gone"].map((key) => model.form(key).get("text"))).toEqual(["", ""]);
  });
});

describe("readClaims", () => {
  const components = [{ id: "live", name: "Live" }, { id: "storage", name: "Storage" }];

  it("gives only what differs from before", () => {
    const form = new FormFields();
    form.set(claimField("live"), "operational");
    form.set(claimField("storage"), "major_outage");
    expect(readClaims(form, components)).toEqual([{ id: "storage", status: "major_outage" }]);
    expect(readClaims(form, components, [
      { id: "live", status: "partial_outage" },
      { id: "storage", status: "major_outage" },
    ])).toEqual([{ id: "live", status: "operational" }]);
  });
});

describe("local times", () => {
  it("come back as they were, by the minute", () => {
    const at = Date.parse("2030-03-31T12:34:00.000Z");
    expect(fromLocalInput(toLocalInput(at))).toBe("2030-03-31T12:34:00.000Z");
    expect([fromLocalInput(""), fromLocalInput("soon")]).toEqual([null, null]);
  });
});
