import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { REMINDER_INTERVAL_MS, REMINDERS_MAX_COUNT } from "../../../server/status/rooms/reminder_times.ts";
import { STARTED_TEXT } from "../../../server/status/maintenance_store.ts";
import { maintenanceTexts } from "../../../server/status/rooms/room_texts.ts";
import type { MaintenanceRow, UpdateRow } from "../../../server/status/status_rows.ts";
import type { MaintenanceState } from "../../../shared/status/states.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, StatusId, UserId } from "../../../shared/ids.ts";
import { StatusKit } from "../../support/status_kit.ts";

const MINUTE_MS = 60_000;
const URL = "https://chat.example.org/status";
const CALLS = { title: "Calls fail", text: "We look.", components: [] } as const;
const MOVE = {
  title: "New disks",
  text: "Storage is down for an hour.",
  components: ["storage"],
  startsAt: "2030-01-31T13:00:00.000Z",
  endsAt: "2030-01-31T14:00:00.000Z",
} as const;

/** The public status with a room in which the owner is. */
class Scene implements AsyncDisposable {
  readonly kit: StatusKit;
  readonly roomId: RoomId;

  private constructor(kit: StatusKit, roomId: RoomId) {
    this.kit = kit;
    this.roomId = roomId;
  }

  static async open(): Promise<Scene> {
    const kit = await StatusKit.open();
    const { id } = await kit.services.rooms.create({ name: "Ops", kind: "private", topic: "", by: kit.ana });
    kit.measure("operational");
    return new Scene(kit, id);
  }

  get by(): UserId {
    return this.kit.ana;
  }

  /** What the bot has written, the first line of each message unless `isWhole`. */
  async said(isWhole = false): Promise<string[]> {
    const { services } = this.kit;
    const bot = await services.statusBot.ensure();
    const head = await services.roomLog.head(this.roomId);
    const { messages } = await services.messageReader.page(this.roomId, head, { limit: 100 });
    return messages.filter(({ by }) => by === bot).map(({ text }) =>
      isWhole ? text : text.split("\n")[0] ?? ""
    );
  }

  /** Lets time pass, and reminds whom that concerns. */
  async pass(ms: number): Promise<void> {
    this.kit.clock.now += ms;
    await this.kit.status.teller.remind();
  }

  open(draft?: true): Promise<StatusId> {
    return this.kit.status.incidents.open({ ...CALLS, roomId: this.roomId, isDraft: draft }, this.by);
  }

  update(id: StatusId, state: "identified" | "monitoring" | "resolved" | "postmortem", text: string) {
    return this.kit.status.incidents.update({ id, state, text }, this.by);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kit[Symbol.asyncDispose]();
  }
}

describe("an incident that was opened in a room", () => {
  it("is told there with each update, until it is over, and its post-mortem", async () => {
    await using scene = await Scene.open();
    const id = await scene.open();
    await expect.poll(() => scene.said(true), { timeout: 10_000 }).toEqual([
      `Incident opened: Calls fail\nWe look.\n${URL}/incidents/${id}`,
    ]);
    await scene.update(id, "identified", "The relay is full.");
    await scene.update(id, "resolved", "It works again.");
    const told = ["Incident opened: Calls fail", "Identified: Calls fail", "Resolved: Calls fail"];
    await expect.poll(() => scene.said(), { timeout: 10_000 }).toEqual(told);
    await expect.poll(() => scene.kit.status.rooms.list(), { timeout: 10_000 }).toEqual([]);
    await scene.update(id, "postmortem", "A bigger relay.");
    await expect.poll(() => scene.said(), { timeout: 10_000 }).toEqual([...told, "Post-mortem: Calls fail"]);
    await scene.pass(REMINDER_INTERVAL_MS);
    expect(await scene.said()).toEqual([...told, "Post-mortem: Calls fail"]);
  });

  it("is told when a draft is published, and not before", async () => {
    await using scene = await Scene.open();
    const id = await scene.open(true);
    await scene.pass(3 * REMINDER_INTERVAL_MS);
    expect(await scene.said()).toEqual([]);
    await scene.kit.status.incidents.publish(id, scene.by);
    await scene.pass(REMINDER_INTERVAL_MS - 1);
    expect(await scene.said()).toEqual(["Incident opened: Calls fail"]);
    await scene.pass(1);
    expect(await scene.said()).toEqual([
      "Incident opened: Calls fail",
      "No update for 30 minutes: Calls fail",
    ]);
  });

  it("is remembered after each 30 minutes without an update, a limited number of times", async () => {
    await using scene = await Scene.open();
    const id = await scene.open();
    await scene.pass(REMINDER_INTERVAL_MS - 1);
    const opened = "Incident opened: Calls fail";
    expect(await scene.said()).toEqual([opened]);
    await scene.pass(1);
    await scene.pass(MINUTE_MS);
    const first = "No update for 30 minutes: Calls fail";
    expect(await scene.said()).toEqual([opened, first]);
    // An update begins the time anew.
    await scene.update(id, "identified", "Found.");
    await scene.pass(REMINDER_INTERVAL_MS - 1);
    const updated = [opened, first, "Identified: Calls fail"];
    expect(await scene.said()).toEqual(updated);
    for (let count = 0; count < REMINDERS_MAX_COUNT + 3; count++) await scene.pass(REMINDER_INTERVAL_MS);
    const reminders = [30, 60, 90, 120, 150, 180].map((minutes) =>
      `No update for ${minutes} minutes: Calls fail`
    );
    expect(reminders).toHaveLength(REMINDERS_MAX_COUNT);
    expect(await scene.said()).toEqual([...updated, ...reminders]);
    const whole = await scene.said(true);
    expect(whole.filter((text) => text.includes("last reminder"))).toEqual([whole.at(-1)]);
    expect(whole.at(-1)).toContain("/incident update");
  });

  it("is remembered once for all the time that the server was down", async () => {
    await using scene = await Scene.open();
    await scene.open();
    await scene.pass(0);
    await scene.kit.stop();
    scene.kit.clock.now += 4 * REMINDER_INTERVAL_MS;
    await scene.kit.start();
    await scene.pass(0);
    expect(await scene.said()).toEqual([
      "Incident opened: Calls fail",
      "No update for 120 minutes: Calls fail",
    ]);
  });

  it("is remembered no more when it was deleted", async () => {
    await using scene = await Scene.open();
    const id = await scene.open();
    await scene.pass(0);
    await scene.kit.status.incidents.delete(id, scene.by);
    await scene.pass(REMINDER_INTERVAL_MS);
    expect(await scene.said()).toEqual(["Incident opened: Calls fail"]);
    expect(await scene.kit.status.rooms.list()).toEqual([]);
  });
});

describe("a maintenance and an announcement", () => {
  it("are told in their room, and that a maintenance is past its end", async () => {
    await using scene = await Scene.open();
    const { kit, roomId, by } = scene;
    const id = await kit.status.maintenances.plan({ ...MOVE, roomId }, by);
    await kit.status.announcements.announce({ text: "Lunch is **late**", level: "warning", roomId }, by);
    await scene.pass(0);
    // Which comes first is left to chance.
    expect((await scene.said(true)).toSorted()).toEqual([
      `Announced (warning):\nLunch is **late**\n${URL}`,
      `Maintenance planned: New disks\n2030-01-31 13:00 UTC to 2030-01-31 14:00 UTC\n${MOVE.text}\n${URL}`,
    ]);
    kit.clock.now = Date.parse(MOVE.startsAt);
    await kit.status.advance();
    kit.clock.now = Date.parse(MOVE.endsAt);
    kit.measure("operational");
    kit.status.board.measure("storage", { state: "major_outage", at: kit.clock.now });
    await kit.status.advance();
    await scene.pass(0);
    await scene.pass(MINUTE_MS);
    const late = "Past its planned end (2030-01-31 14:00 UTC): New disks";
    expect((await scene.said()).slice(2)).toEqual(["Maintenance in progress: New disks", late]);
    await scene.pass(REMINDER_INTERVAL_MS);
    await kit.status.maintenances.update({ id, state: "completed", text: "Done." }, by);
    await scene.pass(REMINDER_INTERVAL_MS);
    expect((await scene.said()).slice(3)).toEqual([late, late, "Maintenance completed: New disks"]);
    expect(await kit.status.rooms.list()).toEqual([]);
  });

  it("does not say that a maintenance which ends in time is late", async () => {
    await using scene = await Scene.open();
    const { kit, roomId, by } = scene;
    await kit.status.maintenances.plan({ ...MOVE, roomId }, by);
    for (const at of [MOVE.startsAt, MOVE.endsAt]) {
      kit.clock.now = Date.parse(at);
      kit.measure("operational");
      await kit.status.advance();
      await scene.pass(0);
    }
    expect(await scene.said()).toEqual([
      "Maintenance planned: New disks",
      "Maintenance in progress: New disks",
      "Maintenance completed: New disks",
    ]);
  });
});

describe("a maintenance that came and went while nothing could be written", () => {
  for (const state of ["operational", "major_outage"] as const) {
    it(`is told of as it ended, with storage in ${state}`, async () => {
      await using scene = await Scene.open();
      const { kit, roomId, by } = scene;
      await kit.status.maintenances.plan({ ...MOVE, roomId }, by);
      await scene.pass(0);
      await kit.stop();
      kit.clock.now = Date.parse(MOVE.endsAt) + MINUTE_MS;
      await kit.start();
      // Nothing is measured yet.
      await kit.status.advance();
      await scene.pass(0);
      expect(await scene.said()).toEqual(["Maintenance planned: New disks"]);
      kit.measure("operational");
      kit.status.board.measure("storage", { state, at: kit.clock.now });
      for (let round = 0; round < 2; round++) {
        await kit.status.advance();
        await scene.pass(0);
      }
      const end = state === "operational" ? "completed" : "in progress";
      expect((await scene.said()).slice(0, 2)).toEqual([
        "Maintenance planned: New disks",
        `Maintenance ${end}: New disks`,
      ]);
    });
  }

  it("is not said to have begun once it is over", () => {
    const row = { title: MOVE.title, startsAt: MOVE.startsAt, endsAt: MOVE.endsAt } as MaintenanceRow;
    const update = (state: "scheduled" | "in_progress" | "completed", text: string) => ({
      id: newId<StatusId>(),
      state,
      text,
      at: MOVE.endsAt,
      editedAt: null,
      changes: [],
    });
    const planned = update("scheduled", MOVE.text);
    const started = update("in_progress", STARTED_TEXT);
    const heads = (updates: UpdateRow<MaintenanceState>[]) =>
      maintenanceTexts(row, updates, URL).map((text) => text?.split(":")[0] ?? null);
    expect(heads([planned, started])).toEqual(["Maintenance planned", "Maintenance in progress"]);
    expect(heads([planned, started, update("completed", "Done.")])).toEqual([
      "Maintenance planned",
      null,
      "Maintenance completed",
    ]);
    // What a person wrote is told.
    expect(heads([planned, update("in_progress", "We begin."), started])).toEqual([
      "Maintenance planned",
      "Maintenance in progress",
      "Maintenance in progress",
    ]);
  });
});

describe("the messages of a room", () => {
  it("are sent once, even if the server stops before it has noted them", async () => {
    await using scene = await Scene.open();
    const id = await scene.open();
    await scene.pass(REMINDER_INTERVAL_MS);
    const said = await scene.said();
    expect(said).toHaveLength(2);
    // As if nothing had been noted.
    const { db } = scene.kit;
    const { value } = await db.get<Record<string, unknown>>(keys.statusRoom(id));
    await db.commit({ sets: [[keys.statusRoom(id), { ...value, toldCount: 0, remindedCount: 0 }]] });
    await scene.kit.stop();
    await scene.kit.start();
    await scene.pass(0);
    expect(await scene.said()).toEqual(said);
  });

  it("are sent when storage answers again", async () => {
    await using scene = await Scene.open();
    const { db, status, logged } = scene.kit;
    await scene.open();
    await scene.pass(0);
    scene.kit.clock.now += REMINDER_INTERVAL_MS;
    db.isGone = true;
    await expect(status.teller.remind()).rejects.toThrow("Storage does not answer");
    db.isGone = false;
    await scene.pass(0);
    expect(await scene.said()).toHaveLength(2);
    expect(logged).toEqual([]);
  });

  it.each(["archived", "left"] as const)("end quietly when it was %s", async (how) => {
    await using scene = await Scene.open();
    const { kit, roomId, by } = scene;
    const id = await scene.open();
    await scene.pass(0);
    const { rooms, statusBot } = kit.services;
    if (how === "archived") await rooms.update({ roomId, by, isArchived: true });
    else await rooms.members.leave({ roomId, userId: await statusBot.ensure(), by });
    await scene.pass(REMINDER_INTERVAL_MS);
    expect(await kit.status.rooms.list()).toEqual([]);
    // They do not begin again by themselves.
    if (how === "archived") await rooms.update({ roomId, by, isArchived: false });
    else await rooms.members.join({ roomId, userId: await statusBot.ensure(), by });
    await scene.update(id, "identified", "Found.");
    await scene.pass(REMINDER_INTERVAL_MS);
    expect(await scene.said()).toEqual(["Incident opened: Calls fail"]);
    expect(kit.logged).toEqual([]);
  });
});
