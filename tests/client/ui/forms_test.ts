import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../shared/errors.ts";
import { describeWait, readFailure } from "../../../client/ui/failure.ts";
import { hueOf } from "../../../client/ui/hue.ts";
import { initialOf } from "../../../client/ui/initial.ts";
import { ListModel } from "../../../client/ui/list_model.ts";
import { describeTime } from "../../../client/ui/relative_time.ts";
import { SubmitModel } from "../../../client/ui/submit_model.ts";
import { ToastModel } from "../../../client/ui/toast_model.ts";

describe("readFailure()", () => {
  it("reads what a tRPC error carries", () => {
    const issues = [{ path: "name", message: "Is required" }];
    const error = Object.assign(new Error("x"), { data: { appCode: "invalid_input", issues } });
    expect(readFailure(error)).toMatchObject({ code: "invalid_input", issues, retryAfterMs: null });
    const limited = { data: { appCode: "rate_limited", retryAfterMs: 4_000 } };
    expect(readFailure(limited)).toMatchObject({ code: "rate_limited", retryAfterMs: 4_000 });
  });

  it("takes an error without an answer for being offline, and an unknown code for internal", () => {
    expect(readFailure(new TypeError("fetch failed")).code).toBe("offline");
    expect(readFailure({ data: { appCode: "toString" } }).code).toBe("internal");
    expect(readFailure(null).code).toBe("offline");
  });

  it("shows the id under which an internal error is in the log", () => {
    const { text } = readFailure({ data: { appCode: "internal", errorId: "e-17" } });
    expect(text).toContain("e-17");
  });

  it("prefers the words of the view", () => {
    const error = new AppError("name_taken", "Taken");
    expect(readFailure(error).text).toBe("Taken.");
    expect(readFailure(new AppError("not_allowed", "At most 20 tokens, revoke one first")).text)
      .toBe("At most 20 tokens, revoke one first.");
    expect(readFailure({ data: { appCode: "not_allowed" } }).text).toContain("Ask an admin");
    expect(readFailure(error, { name_taken: "A room is called that." }).text).toBe("A room is called that.");
  });
});

describe("describeWait()", () => {
  it("counts seconds, then minutes", () => {
    expect([1, 999, 42_000, 99_000, 240_001].map(describeWait)).toEqual([
      "1 s",
      "1 s",
      "42 s",
      "99 s",
      "5 min",
    ]);
  });
});

describe("SubmitModel", () => {
  it("does one thing at a time and says whether it worked", async () => {
    const model = new SubmitModel();
    const gate = Promise.withResolvers<void>();
    const first = model.run(() => gate.promise);
    expect(model.isBusy.value).toBe(true);
    expect(await model.run(() => Promise.resolve())).toBe(false);
    gate.resolve();
    expect(await first).toBe(true);
    expect([model.isBusy.value, model.failure.value]).toEqual([false, null]);
  });

  it("shows a failure below the field that it is about", async () => {
    const model = new SubmitModel({
      texts: { name_taken: "Choose another." },
      fields: { name_taken: "name" },
    });
    await model.run(() => Promise.reject(new AppError("name_taken", "Taken")));
    expect([model.issue("name"), model.failure.value?.code]).toEqual(["Choose another.", "name_taken"]);
    await model.run(() => Promise.reject(new AppError("not_found", "Gone")));
    expect(model.issue("name")).toBe(null);
  });

  it("sends nothing before the wait that the server asked for is over", async () => {
    let now = 1_000;
    const model = new SubmitModel({ now: () => now });
    const refused = vi.fn(() => Promise.reject(new AppError("rate_limited", "x", { retryAfterMs: 5_000 })));
    expect(await model.run(refused)).toBe(false);
    expect(model.waitUntil.value).toBe(6_000);
    now = 5_999;
    await model.run(refused);
    expect(refused).toHaveBeenCalledTimes(1);
    now = 6_000;
    await model.run(refused);
    expect(refused).toHaveBeenCalledTimes(2);
  });

  it("shows what is wrong with a field, found here or by the server", async () => {
    const model = new SubmitModel();
    model.refuse("name", "Type a name");
    expect(model.issue("name")).toBe("Type a name");
    expect(model.issue("password")).toBe(null);
    const issues = [{ path: "password", message: "Is too common" }];
    await model.run(() => Promise.reject(new AppError("invalid_input", "x", { issues })));
    expect([model.issue("name"), model.issue("password")]).toEqual([null, "Is too common"]);
    model.clear();
    expect(model.issue("password")).toBe(null);
  });
});

describe("ToastModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("shows the last three, once each, for a while", () => {
    using model = new ToastModel();
    for (const text of ["a", "b", "b", "c", "d"]) model.show(text);
    expect(model.toasts.value.map(({ text }) => text)).toEqual(["b", "c", "d"]);
    model.dismiss(model.toasts.value[0]?.id ?? 0);
    expect(model.toasts.value.map(({ text }) => text)).toEqual(["c", "d"]);
    vi.advanceTimersByTime(6_000);
    expect(model.toasts.value).toEqual([]);
  });
});

describe("ListModel", () => {
  it("keeps the answer to the last question", async () => {
    const gates = [Promise.withResolvers<string[]>(), Promise.withResolvers<string[]>()];
    let asked = 0;
    const list = new ListModel(() => gates[asked++]?.promise ?? Promise.resolve([]));
    const loads = [list.load(), list.load()];
    gates[1]?.resolve(["new"]);
    gates[0]?.resolve(["old"]);
    await Promise.all(loads);
    expect(list.items.value).toEqual(["new"]);
  });

  it("keeps what it has when a later fetch fails", async () => {
    const answers = [() => Promise.resolve(["a"]), () => Promise.reject(new Error("fetch failed"))];
    const list = new ListModel(() => answers.shift()?.() ?? Promise.resolve([]));
    await list.load();
    await list.load();
    expect([list.items.value, list.failure.value?.code]).toEqual([["a"], "offline"]);
  });
});

describe("hueOf() and initialOf()", () => {
  it("gives the same hue to the same id and spreads others over the wheel", () => {
    expect(hueOf("userana000000001")).toBe(hueOf("userana000000001"));
    const hues = Array.from({ length: 720 }, (_, i) => hueOf(`user${i}`));
    const sectors = Map.groupBy(hues, (hue) => Math.floor(hue / 45));
    expect([...sectors.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(Math.max(...[...sectors.values()].map((all) => all.length))).toBeLessThan(150);
    expect(hues.some((hue) => hue >= 88 && hue < 132)).toBe(false);
  });

  it("takes the first character as people see it", () => {
    expect(["ana", " ärger", "👩‍🚀 Jo", "ﷺ", ""].map(initialOf)).toEqual(["A", "Ä", "👩‍🚀", "ﷺ", "?"]);
  });
});

describe("describeTime()", () => {
  it("says the largest whole unit, before and after now", () => {
    const now = Date.parse("2026-11-02T12:00:00.000Z");
    const at = (ms: number) => describeTime(new Date(now + ms).toISOString(), now);
    const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" });
    expect(at(-30_000)).toBe(format.format(0, "minute"));
    expect(at(-3 * 3_600_000 - 1)).toBe(format.format(-3, "hour"));
    expect(at(6 * 86_400_000 + 5)).toBe(format.format(6, "day"));
  });
});
