import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import type { StatusText } from "../../../shared/presence.ts";
import { describeEnd, endOf } from "../../../client/ui/clear_after.ts";
import { StatusEditorModel } from "../../../client/presence/status_editor_model.ts";

/** A Wednesday, in the zone of this machine, as people mean it. */
const NOW = new Date(2026, 2, 4, 12, 0).getTime();
const HOUR_MS = 3_600_000;

function at(...parts: [number, number, number]): string {
  return new Date(...parts).toISOString();
}

function setup(own: Partial<StatusText> = {}) {
  const saved: Partial<StatusText>[] = [];
  const refusals: Error[] = [];
  const model = new StatusEditorModel({
    own: signal({ text: "", textUntil: null, doNotDisturb: false, ...own }),
    save: (change) => {
      saved.push(change);
      const refusal = refusals.shift();
      return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
    },
    now: () => NOW,
  });
  return { model, saved, refusals };
}

describe("StatusEditorModel", () => {
  it("PRS70 begins with what holds, and keeps its end unless another is chosen", async () => {
    const textUntil = new Date(NOW + HOUR_MS).toISOString();
    const { model, saved } = setup({ text: "Lunch", textUntil, doNotDisturb: true });
    expect([model.text.value, model.clearAfter.value, model.doNotDisturb.value]).toEqual([
      "Lunch",
      "keep",
      true,
    ]);
    model.text.value = "Late lunch ";
    expect(await model.save()).toBe(true);
    expect(saved).toEqual([{ text: "Late lunch", textUntil, doNotDisturb: true }]);
  });

  it("PRS71 begins empty when the last text has ended", () => {
    const { model } = setup({ text: "Lunch", textUntil: new Date(NOW).toISOString() });
    expect([model.text.value, model.clearAfter.value, model.endsAt.value]).toEqual(["", "never", null]);
  });

  it("PRS72 fills in a preset without saying it", async () => {
    const { model, saved } = setup();
    model.choose({ text: "Lunch", clearAfter: "30m" });
    expect(saved).toEqual([]);
    await model.save();
    expect(saved).toEqual([
      { text: "Lunch", textUntil: new Date(NOW + HOUR_MS / 2).toISOString(), doNotDisturb: false },
    ]);
  });

  it("PRS73 sends no end without a text", async () => {
    const { model, saved } = setup();
    model.clearAfter.value = "1h";
    model.doNotDisturb.value = true;
    await model.save();
    expect(saved).toEqual([{ text: "", textUntil: null, doNotDisturb: true }]);
  });

  it("PRS74 clears the text and keeps do not disturb", async () => {
    const { model, saved } = setup({ text: "Lunch", doNotDisturb: true });
    expect(await model.clear()).toBe(true);
    expect(saved).toEqual([{ text: "", textUntil: null }]);
    expect([model.text.value, model.doNotDisturb.value]).toEqual(["", true]);
  });

  it("PRS75 says what is wrong before it asks the server, and what the server refused", async () => {
    const { model, saved, refusals } = setup();
    model.text.value = "a".repeat(101);
    expect(model.problem.value).toContain("at most 100");
    expect(await model.save()).toBe(false);
    expect(saved).toEqual([]);
    model.text.value = "Lunch";
    refusals.push(new AppError("storage_full", "Storage is full"));
    expect(await model.save()).toBe(false);
    expect(model.submit.failure.value?.code).toBe("storage_full");
    expect(model.text.value).toBe("Lunch");
  });
});

describe("endOf", () => {
  it("ends days and weeks at midnight of this device's zone", () => {
    expect(endOf("never", NOW)).toBeNull();
    expect(endOf("4h", NOW)).toBe(new Date(NOW + 4 * HOUR_MS).toISOString());
    expect(endOf("today", NOW)).toBe(at(2026, 2, 5));
    expect(endOf("week", NOW)).toBe(at(2026, 2, 9));
    const sunday = new Date(2026, 2, 8, 23, 59).getTime();
    expect(endOf("week", sunday)).toBe(at(2026, 2, 9));
  });
});

describe("describeEnd", () => {
  it("names the day only when it is another", () => {
    const soon = describeEnd(new Date(NOW + HOUR_MS).toISOString(), NOW);
    const later = describeEnd(new Date(NOW + 48 * HOUR_MS).toISOString(), NOW);
    expect(soon).toMatch(/^until \d/);
    expect(later.length).toBeGreaterThan(soon.length);
  });
});
