import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { claimField, readClaims } from "../../../client/status/component_claims.ts";
import { FormFields } from "../../../client/status/form_fields.ts";
import { fromLocalInput, toLocalInput } from "../../../client/status/local_time.ts";
import { ManageModel } from "../../../client/status/manage_model.ts";
import type { ManageOptions } from "../../../client/status/manage_model.ts";

function setup(refusal: Error | null = null) {
  const asked: string[] = [];
  const answer = (name: string, value: unknown) => ({
    query: () => {
      asked.push(name);
      return refusal === null ? Promise.resolve(value) : Promise.reject(refusal);
    },
  });
  const api = {
    settings: answer("settings", { components: [], closedIncidents: [], rooms: [] }),
  } as unknown as ManageOptions["api"];
  const { query: readDrafts } = answer("drafts", undefined);
  const model = new ManageModel({
    api,
    status: signal(null),
    drafts: signal([]),
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
