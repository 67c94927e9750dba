import { describe, expect, it } from "vitest";
import { NOW, troubledApp } from "./page_kit.ts";

describe("the public status", () => {
  it("is made every ten seconds and after each change, however many ask and whatever for", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    const { board, announcements } = app.services.status;
    let count = 0;
    const days = board.days.bind(board);
    board.days = (id) => {
      count++;
      return days(id);
    };
    const { device } = app.owner;
    const paths = [
      "/status/badge.svg",
      "/status/badge.svg?component=live",
      "/status/badge.svg?component=none",
      "/status/feed.atom?component=live",
      "/status/feed.rss?component=none",
      "/status/history",
      "/status/history?month=2030-01",
      "/status/history?month=2000-01",
      `/status/incidents/${app.incidentId}`,
      "/status/incidents/none",
      "/status",
      "/trpc/status.current",
    ];
    const askAll = async () => {
      const countBefore = count;
      for (const path of paths) {
        const response = await device.fetch(path);
        await response.body?.cancel();
        expect([path, response.status]).toEqual([path, /none|2000/.test(path) ? 404 : 200]);
      }
      return count - countBefore;
    };
    expect(await askAll()).toBeGreaterThan(0);
    expect(await askAll()).toBe(0);
    const { components } = board.current();
    expect(board.current().components).toBe(components);
    await announcements.announce({ text: "New", level: "info" }, app.owner.id);
    expect(board.current().announcements[0]).toMatchObject({ text: "New" });
    expect(await askAll()).toBeGreaterThan(0);
    clock.now += 1_000;
    expect(board.current().components).not.toBe(components);
    expect(await askAll()).toBe(0);
    clock.now += 8_000;
    // What is measured may have changed, but it has not.
    expect(await askAll()).toBe(components.length);
    clock.now += 2_000;
    expect(await askAll()).toBeGreaterThan(2 * components.length);
    await app.server.monitor.tick();
    clock.now += 1_000;
    expect(await askAll()).toBeGreaterThan(2 * components.length);
    board.measure("live", { state: "major_outage", at: clock.now });
    expect(board.components().find(({ id }) => id === "live")?.state).toBe("major_outage");
    board.setSettings(new Map([["live", { isHidden: true }]]));
    expect(board.components().some(({ id }) => id === "live")).toBe(false);
  });
});
