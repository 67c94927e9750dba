import { describe, expect, it } from "vitest";
import { EN } from "../../../shared/status/words_en.ts";
import { applyChange } from "../../../shared/status/apply_change.ts";
import type { Status } from "../../../shared/status/status.ts";
import { StatusKit } from "../../support/status_kit.ts";

type Comparable = ReturnType<typeof comparable>;

/** What a reader has who got a snapshot at first and every event since. */
async function followed(change: (kit: StatusKit) => Promise<void>): Promise<[Comparable | null, Comparable]> {
  await using kit = await StatusKit.open();
  kit.measure("operational");
  let status = applyChange(null, { type: "snapshot", status: kit.status.board.current() }, EN);
  kit.events = [];
  await change(kit);
  await kit.status.tellChanges();
  for (const { offset: _, at: __, ...event } of kit.events) status = applyChange(status, event, EN);
  return [status && comparable(status), comparable(kit.status.board.current())];
}

/** Without what changes with each probe, and is told only together with a new state. */
function comparable({ page: _, metrics: __, components, ...status }: Status) {
  return { ...status, components: components.map(({ measuredAt: _, ...component }) => component) };
}

describe("applyChange", () => {
  it("brings a reader to where the server is, through all events of incidents", async () => {
    const [reader, server] = await followed(async (kit) => {
      const { incidents } = kit.status;
      const components = [{ id: "live", status: "major_outage" }] as const;
      const first = await incidents.open({ title: "One", text: "It fails", components }, kit.ana);
      kit.clock.now += 1_000;
      const second = await incidents.open({ title: "Two", text: "It fails too", components: [] }, kit.ana);
      kit.clock.now += 1_000;
      const third = await incidents.open({ title: "Three", text: "A mistake", components: [] }, kit.ana);
      await incidents.update({ id: first, state: "identified", text: "Found" }, kit.ana);
      await incidents.update({ id: second, state: "resolved", text: "Over" }, kit.ana);
      await incidents.delete(third, kit.ana);
      kit.measure("major_outage");
    });
    expect(server.incidents.map(({ title }) => title)).toEqual(["One"]);
    expect(server.state).toBe("major_outage");
    expect(reader).toEqual(server);
  });

  it("does so for maintenance and announcements, retracted ones too", async () => {
    const [reader, server] = await followed(async (kit) => {
      const { maintenances, announcements } = kit.status;
      const at = (hours: number) => new Date(kit.clock.now + hours * 3_600_000).toISOString();
      const plan = { text: "New disks", components: ["storage"] };
      await maintenances.plan({ ...plan, title: "Soon", startsAt: at(1), endsAt: at(2) }, kit.ana);
      const off = await maintenances.plan(
        { ...plan, title: "Never", startsAt: at(3), endsAt: at(4) },
        kit.ana,
      );
      await maintenances.update({ id: off, state: "cancelled", text: "Not needed" }, kit.ana);
      await announcements.announce({ text: "Older", level: "info" }, kit.ana);
      kit.clock.now += 1_000;
      await announcements.announce({ text: "Newer", level: "critical" }, kit.ana);
      const gone = await announcements.announce({ text: "Wrong", level: "warning" }, kit.ana);
      await announcements.retract(gone, kit.ana);
    });
    expect(server.maintenances.map(({ title }) => title)).toEqual(["Soon"]);
    expect(server.announcements.map(({ text }) => text)).toEqual(["Newer", "Older"]);
    expect(reader).toEqual(server);
  });

  it("knows nothing before the first snapshot", () => {
    expect(applyChange(null, { type: "metrics", metrics: { deliveredMs: null, measuredAt: null } }, EN))
      .toBeNull();
  });
});
