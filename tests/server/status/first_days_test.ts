import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";
import { html, NOW } from "./page_kit.ts";

async function rounds(app: TestApp, clock: { now: number }, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    clock.now += 20_000;
    await app.server.monitor.tick();
  }
}

const daysIn = (text: string) => [...text.matchAll(/<th scope="row">([^<]+)/g)].map(([, day]) => day);
const monthsIn = (text: string) =>
  [...text.matchAll(/history\?month=(\d{4}-\d\d)"/g)].map(([, month]) => month);

describe("the first days of a server", () => {
  it("are all that its history shows", async () => {
    const clock = { now: NOW };
    await using app = await testApp({ now: () => clock.now });
    const before = await (await html(app, "/status/history")).text();
    expect([daysIn(before), monthsIn(before)]).toEqual([["2030-01-31"], ["2030-01"]]);
    await rounds(app, clock, 5);
    clock.now += DAY_MS;
    await rounds(app, clock, 5);
    const history = await (await html(app, "/status/history")).text();
    expect([daysIn(history), monthsIn(history)]).toEqual([["2030-02-01", "2030-01-31"], [
      "2030-02",
      "2030-01",
    ]]);
    const month = await (await html(app, "/status/history?month=2030-01")).text();
    expect(daysIn(month)).toEqual(["2030-01-31"]);
  });

  it("have bars that lead to pages that exist, as do those of the days before", async () => {
    await using app = await testApp({ now: () => NOW });
    const page = await (await html(app)).text();
    const paths = new Set(
      [...page.matchAll(/href="(\/status\/history[^"]*)" aria-label/g)].map(([, path]) => path),
    );
    expect(paths.has("/status/history?month=2030-01#2030-01-31")).toBe(true);
    const places = new Set([...paths].map((path) => path?.split("#")[0] ?? ""));
    expect(places.size).toBe(2);
    for (const path of places) {
      const response = await html(app, path);
      expect([path, response.status]).toEqual([path, 200]);
      await response.body?.cancel();
    }
  });
});
