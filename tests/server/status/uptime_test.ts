import { describe, expect, it } from "vitest";
import { UptimeCounter } from "../../../server/status/uptime_counter.ts";
import { UptimeStore } from "../../../server/status/uptime_store.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { ScriptedMonitor, secondsOf } from "./monitor_kit.ts";

const MINUTE_MS = 60_000;

describe("StatusMonitor", () => {
  it("turns red and green with two results, and counts from the first of the two", async () => {
    await using kit = await StatusKit.open();
    const { board } = kit.status;
    const scripted = new ScriptedMonitor(kit);
    await scripted.monitor.start();
    expect(board.current().state).toBe("unknown");
    await scripted.rounds(1);
    expect(board.current().state).toBe("unknown");
    await scripted.rounds(2);
    expect(board.current()).toMatchObject({
      state: "operational",
      metrics: { deliveredMs: { p50: 5, p95: 5 }, measuredAt: expect.any(String) },
    });
    scripted.failing.add("live");
    await scripted.rounds(1);
    expect(board.current().state).toBe("operational");
    await scripted.rounds(2);
    expect(board.current()).toMatchObject({ state: "major_outage" });
    expect(board.current().sentence).toContain("Live connection is down.");
    scripted.failing.clear();
    await scripted.rounds(3);
    expect(board.current().state).toBe("operational");
    await scripted.monitor.stop();
    expect(secondsOf(kit, "live")).toEqual({ operational: 100, major_outage: 60 });
    expect(secondsOf(kit, "messages")).toEqual({ operational: 160 });
    const changes = kit.events.flatMap((event) =>
      event.type === "component" && event.component.id === "live" ? [event.component.state] : []
    );
    expect(changes).toEqual(["operational", "major_outage", "operational"]);
  });

  it("counts five minutes in which nobody was running as an outage of everything", async () => {
    await using kit = await StatusKit.open();
    const first = new ScriptedMonitor(kit);
    await first.monitor.start();
    await first.rounds(10);
    // As after a crash: the last heartbeat is what is stored, and no goodbye.
    await kit.stop();
    kit.clock.now += 5 * MINUTE_MS;
    await kit.start();
    const second = new ScriptedMonitor(kit, "two");
    await second.monitor.start();
    const counted = secondsOf(kit, "events");
    expect(counted["major_outage"]).toBeGreaterThanOrEqual(300);
    expect(counted["major_outage"]).toBeLessThanOrEqual(360);
    const [component] = kit.status.board.components();
    expect(component?.uptime90).toBeLessThan(50);
    // A third start finds the time counted.
    await kit.stop();
    await kit.start();
    await new ScriptedMonitor(kit, "three").monitor.start();
    expect(secondsOf(kit, "events")).toEqual(counted);
  });

  it("takes planned stops and maintenance out of that, and a clock that was set back", async () => {
    await using kit = await StatusKit.open();
    await kit.status.maintenances.plan({
      title: "Move",
      text: "We move.",
      components: ["storage"],
      startsAt: new Date(kit.clock.now + 5 * MINUTE_MS).toISOString(),
      endsAt: new Date(kit.clock.now + 15 * MINUTE_MS).toISOString(),
    }, kit.ana);
    const first = new ScriptedMonitor(kit);
    await first.monitor.start();
    await kit.stop();
    kit.clock.now += 20 * MINUTE_MS;
    await kit.start();
    const second = new ScriptedMonitor(kit, "two");
    await second.monitor.start();
    expect(secondsOf(kit, "storage")).toEqual({ major_outage: 600, under_maintenance: 600 });
    expect(secondsOf(kit, "live")).toEqual({ major_outage: 1_200 });
    await second.monitor.stop();
    await kit.stop();
    kit.clock.now += 60 * MINUTE_MS;
    await kit.start();
    const third = new ScriptedMonitor(kit, "three");
    await third.monitor.start();
    expect(secondsOf(kit, "live")).toEqual({ major_outage: 1_200, unknown: 3_600 });
    await kit.stop();
    kit.clock.now -= 30 * MINUTE_MS;
    await kit.start();
    const fourth = new ScriptedMonitor(kit, "four");
    await fourth.monitor.start();
    await fourth.rounds(6);
    await fourth.monitor.stop();
    // Those minutes are counted already.
    expect(secondsOf(kit, "live")).toEqual({ major_outage: 1_200, unknown: 3_600 });
  });

  it("counts the time after a maintenance that was completed early", async () => {
    await using kit = await StatusKit.open();
    const id = await kit.status.maintenances.plan({
      title: "Move",
      text: "We move.",
      components: ["storage"],
      startsAt: new Date(kit.clock.now).toISOString(),
      endsAt: new Date(kit.clock.now + 600 * MINUTE_MS).toISOString(),
    }, kit.ana);
    await kit.status.maintenances.start(id);
    kit.clock.now += 2 * MINUTE_MS;
    await kit.status.maintenances.update({ id, state: "completed", text: "Done." }, kit.ana);
    const first = new ScriptedMonitor(kit);
    await first.monitor.start();
    await kit.stop();
    kit.clock.now += 60 * MINUTE_MS;
    await kit.start();
    await new ScriptedMonitor(kit, "two").monitor.start();
    expect(secondsOf(kit, "storage")).toEqual({ major_outage: 3_600 });
  });

  it("counts a machine that stood still, but not a clock that was set forward", async () => {
    await using kit = await StatusKit.open();
    const scripted = new ScriptedMonitor(kit);
    await scripted.monitor.start();
    await scripted.rounds(3);
    scripted.pass(10 * MINUTE_MS);
    await scripted.monitor.tick();
    await scripted.rounds(3);
    expect(secondsOf(kit, "messages")["major_outage"]).toBe(600);
    scripted.pass(60 * MINUTE_MS, 1_000);
    await scripted.monitor.tick();
    await scripted.rounds(3);
    await scripted.monitor.stop();
    expect(secondsOf(kit, "messages")).toMatchObject({ major_outage: 600, unknown: 3_600 });
  });

  it("keeps what it measures while storage is gone, and writes it afterwards", async () => {
    await using kit = await StatusKit.open();
    const { board } = kit.status;
    const scripted = new ScriptedMonitor(kit);
    await scripted.monitor.start();
    await scripted.rounds(3);
    kit.db.isGone = true;
    for (const id of ["messages", "storage"]) scripted.failing.add(id);
    await scripted.rounds(15);
    expect(board.current()).toMatchObject({
      state: "major_outage",
      sentence: expect.stringContaining("Messages and Storage are down."),
    });
    const figures = Object.fromEntries(board.components().map(({ id, uptime90 }) => [id, uptime90]));
    // Of 340 seconds, 280 since the first failed probe.
    expect(figures).toMatchObject({ live: 100, messages: 17.64, storage: 17.64 });
    kit.db.isGone = false;
    scripted.failing.clear();
    await scripted.rounds(5);
    expect(board.current().state).toBe("operational");
    await scripted.monitor.stop();
    expect(secondsOf(kit, "storage")).toEqual({ operational: 140, major_outage: 300 });
    expect(secondsOf(kit, "live")).toEqual({ operational: 440 });
    expect(kit.types).toContain("snapshot");
  });

  it("calls what only one of two instances sees a partial outage", async () => {
    await using kit = await StatusKit.open();
    const a = new ScriptedMonitor(kit, "a", true);
    const b = new ScriptedMonitor(kit, "b", true);
    b.failing.add("live");
    for (let round = 0; round < 3; round++) {
      await b.monitor.tick();
      await a.rounds(1);
    }
    const live = kit.status.board.components().find(({ id }) => id === "live");
    expect(live?.state).toBe("partial_outage");
    await b.monitor.stop();
    await a.rounds(3);
    expect(kit.status.board.components().find(({ id }) => id === "live")?.state).toBe("operational");
    await a.monitor.stop();
  });

  it("counts incidents by what they claim", async () => {
    await using kit = await StatusKit.open();
    const scripted = new ScriptedMonitor(kit);
    await scripted.monitor.start();
    await scripted.rounds(2);
    const components = [{ id: "live", status: "partial_outage" }] as const;
    const id = await kit.status.incidents.open({ title: "Slow", text: "Slow.", components }, kit.ana);
    await scripted.rounds(10);
    await kit.status.incidents.update({ id, state: "resolved", text: "Done." }, kit.ana);
    await scripted.rounds(10);
    await scripted.monitor.stop();
    expect(secondsOf(kit, "live")).toEqual({ operational: 220, partial_outage: 200 });
    const live = kit.status.board.components().find(({ id }) => id === "live");
    expect(live?.uptime90).toBe(85.71);
  });
});

describe("UptimeCounter", () => {
  it("loses nothing that is added while it writes, nor what could not be written", async () => {
    await using kit = await StatusKit.open();
    const store = new UptimeStore(kit.services.db);
    const from = kit.clock.now;
    const span = (minute: number, state: "operational" | "major_outage") => ({
      id: "live",
      from: from + minute * MINUTE_MS,
      to: from + (minute + 1) * MINUTE_MS,
      state,
    });
    const counter = new UptimeCounter({
      store,
      board: kit.status.board,
      componentIds: ["live"],
      instanceId: "one",
      clocks: () => ({ wallMs: kit.clock.now, monotonicMs: kit.clock.now }),
      isFirst: () => true,
      isShared: false,
    });
    counter.add(span(0, "operational"));
    const count = store.count.bind(store);
    store.count = async (spans) => {
      const days = await count(spans);
      counter.add(span(1, "operational"));
      counter.add(span(2, "major_outage"));
      return days;
    };
    await counter.flush({ isPlanned: false });
    store.count = count;
    kit.db.isGone = true;
    await expect(counter.flush({ isPlanned: false })).rejects.toThrow();
    kit.db.isGone = false;
    await counter.flush({ isPlanned: false });
    expect(secondsOf(kit, "live")).toEqual({ operational: 120, major_outage: 60 });
  });
});

describe("UptimeStore", () => {
  it("counts no time twice, whoever counts", async () => {
    await using kit = await StatusKit.open();
    const stores = [new UptimeStore(kit.services.db), new UptimeStore(kit.services.db)];
    const from = kit.clock.now;
    const span = { id: "live", from, to: from + MINUTE_MS, state: "operational" } as const;
    await Promise.all(stores.map((store) => store.count([span])));
    const days = await stores[0]?.days(["live"], kit.clock.now);
    expect(days?.get("live")?.get("2030-01-31")).toEqual({ operational: MINUTE_MS });
  });

  it("loses nothing of what others counted at the same time", async () => {
    await using kit = await StatusKit.open();
    const stores = ["live", "calls"].map((id) => ({ id, store: new UptimeStore(kit.services.db) }));
    const from = kit.clock.now;
    const count = () =>
      Promise.all(
        stores.map(({ id, store }) =>
          store.count([{ id, from, to: from + MINUTE_MS, state: "operational" }])
        ),
      );
    await count();
    await count();
    for (const { id, store } of stores) {
      const days = await store.days([id], kit.clock.now);
      expect([id, days.get(id)?.get("2030-01-31")]).toEqual([id, { operational: MINUTE_MS }]);
    }
  });
});
