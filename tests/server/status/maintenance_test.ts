import { describe, expect, it } from "vitest";
import type { StatusId } from "../../../shared/ids.ts";
import {
  PUBLIC_TEXT_MAX_CODE_POINTS,
  PUBLIC_TEXTS_MAX_BYTES,
  UPDATES_PER_INCIDENT_COUNT,
} from "../../../shared/limits.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { keys } from "../../../server/kv/keys.ts";
import { failure, failureCode } from "../../support/account_kit.ts";
import { StatusKit } from "../../support/status_kit.ts";

const HOUR_MS = 3_600_000;
const MOVE = {
  title: "Move to a new machine",
  text: "Storage is down for an hour.",
  components: ["storage"],
  startsAt: "2030-01-31T13:00:00.000Z",
  endsAt: "2030-01-31T14:00:00.000Z",
} as const;

describe("MaintenanceStore", () => {
  it("is shown ahead, starts and ends by itself, and does not count as an outage", async () => {
    await using kit = await StatusKit.open();
    const { board } = kit.status;
    const storage = () => board.current().components.find(({ id }) => id === "storage")?.state;
    const id = await kit.status.maintenances.plan(MOVE, kit.ana);
    kit.measure("operational");
    await kit.status.advance();
    expect(board.current()).toMatchObject({
      state: "operational",
      maintenances: [{ id, state: "scheduled" }],
    });

    kit.clock.now += HOUR_MS;
    kit.measure("major_outage");
    board.measure("messages", { state: "operational", at: kit.clock.now });
    // By its time alone, before anything was written.
    expect(storage()).toBe("under_maintenance");
    await kit.status.advance();
    expect(board.current().maintenances).toMatchObject([{ id, state: "in_progress", updates: [{}, {}] }]);
    expect(board.current().state).toBe("major_outage");
    kit.measure("operational");
    expect(board.current().state).toBe("under_maintenance");

    kit.clock.now += HOUR_MS;
    kit.measure("operational");
    await kit.status.advance();
    expect(board.current()).toMatchObject({ state: "operational", maintenances: [] });
    expect(board.maintenances()).toMatchObject([{
      state: "completed",
      resolvedAt: "2030-01-31T14:00:00.000Z",
    }]);
    await kit.status.advance();
    const states = kit.events.flatMap((event) =>
      event.type === "maintenance" ? [event.maintenance.state] : []
    );
    expect(states).toEqual(["scheduled", "in_progress", "completed"]);
  });

  it("is seen to overrun while something does not work", async () => {
    await using kit = await StatusKit.open();
    await kit.status.maintenances.plan(MOVE, kit.ana);
    kit.clock.now += HOUR_MS;
    await kit.status.advance();
    kit.clock.now += 2 * HOUR_MS;
    kit.measure("operational");
    kit.status.board.measure("storage", { state: "major_outage", at: kit.clock.now });
    await kit.status.advance();
    expect(kit.status.board.current()).toMatchObject({
      state: "major_outage",
      maintenances: [{ state: "in_progress" }],
    });
  });

  it("goes on after a restart in the middle of it", async () => {
    await using kit = await StatusKit.open();
    const id = await kit.status.maintenances.plan(MOVE, kit.ana);
    await kit.stop();
    kit.clock.now += 1.5 * HOUR_MS;
    await kit.start();
    expect(kit.status.board.current().components.map(({ state }) => state))
      .toEqual(["unknown", "unknown", "unknown", "under_maintenance", "unknown"]);
    await kit.status.advance();
    expect(kit.status.board.current().maintenances).toMatchObject([{ id, state: "in_progress" }]);
  });

  it("ends by itself at its planned end, also while it is being verified", async () => {
    await using kit = await StatusKit.open();
    const { maintenances, board } = kit.status;
    const id = await maintenances.plan(MOVE, kit.ana);
    kit.clock.now = Date.parse(MOVE.startsAt);
    await maintenances.start(id);
    await maintenances.update({ id, state: "verifying", text: "We look." }, kit.ana);
    kit.clock.now = Date.parse(MOVE.endsAt);
    kit.measure("major_outage");
    await kit.status.advance();
    expect(board.maintenances()).toMatchObject([{ id, state: "verifying" }]);
    kit.measure("operational");
    await kit.status.advance();
    expect(board.maintenances()).toMatchObject([{ id, state: "completed" }]);
  });

  it("takes steps by hand, and only those that make sense", async () => {
    await using kit = await StatusKit.open();
    const { maintenances, board } = kit.status;
    const id = await maintenances.plan(MOVE, kit.ana);
    const step = (state: "verifying" | "in_progress" | "cancelled", text = "Now.") =>
      maintenances.update({ id, state, text }, kit.ana);
    expect(await failureCode(step("verifying"))).toBe("wrong_state");
    await step("in_progress");
    await step("verifying");
    expect(await failureCode(step("cancelled"))).toBe("wrong_state");
    await maintenances.update({ id, state: "completed", text: "Moved." }, kit.ana);
    expect(board.current().maintenances).toEqual([]);
    const past = { ...MOVE, startsAt: "2030-01-31T10:00:00.000Z", endsAt: "2030-01-31T11:00:00.000Z" };
    expect(await failureCode(maintenances.plan(past, kit.ana))).toBe("invalid_input");
    expect(await failureCode(maintenances.plan({ ...MOVE, endsAt: MOVE.startsAt }, kit.ana))).toBe(
      "invalid_input",
    );
    expect(await failureCode(maintenances.plan({ ...MOVE, components: ["tea"] }, kit.ana))).toBe(
      "invalid_input",
    );
  });
});

describe("a component that is named twice", () => {
  it("is affected once", async () => {
    await using kit = await StatusKit.open();
    await kit.status.maintenances.plan({ ...MOVE, components: ["storage", "storage"] }, kit.ana);
    expect(kit.status.board.maintenances()[0]?.components).toEqual(["storage"]);
  });
});

describe("a text of a maintenance", () => {
  it("is corrected, and marked as edited", async () => {
    await using kit = await StatusKit.open();
    const { api } = kit.owner ?? {};
    const id = await kit.status.maintenances.plan(MOVE, kit.ana);
    await kit.status.maintenances.update({ id, state: "in_progress", text: "It begins." }, kit.ana);
    const [begun, planned] = kit.status.board.maintenances()[0]?.updates ?? [];
    kit.clock.now += 60_000;
    const edited = new Date(kit.clock.now).toISOString();
    await api?.status.editUpdate({ id, updateId: planned?.id ?? "", text: "Half an *hour*." });
    expect(kit.status.board.maintenances()).toMatchObject([{
      state: "in_progress",
      updates: [
        { id: begun?.id, text: "It begins.", editedAt: null },
        { id: planned?.id, text: "Half an *hour*.", html: expect.stringContaining("<em>"), editedAt: edited },
      ],
    }]);
    const missing = { id, updateId: id, text: "Nothing" };
    expect(await failureCode(api?.status.editUpdate(missing) ?? Promise.resolve())).toBe("not_found");
    await kit.stop();
    await kit.start();
    expect(kit.status.board.maintenances()[0]?.updates[1]?.text).toBe("Half an *hour*.");
  });
});

describe("a maintenance that began already", () => {
  it("did so at most 90 days ago", async () => {
    await using kit = await StatusKit.open();
    const plan = (ms: number) =>
      kit.status.maintenances.plan({ ...MOVE, startsAt: new Date(ms).toISOString() }, kit.ana);
    const first = kit.clock.now - 90 * DAY_MS;
    expect(await failure(plan(first - 1))).toMatchObject({
      appCode: "invalid_input",
      issues: [{ path: "startsAt" }],
    });
    await plan(first);
  });
});

describe("a maintenance that is full of text", () => {
  const longest = "𠀀".repeat(PUBLIC_TEXT_MAX_CODE_POINTS);

  /** Plans one whose texts are as large together as they may be. */
  async function planFull({ status: { maintenances }, ana }: StatusKit): Promise<StatusId> {
    const id = await maintenances.plan({ ...MOVE, text: longest }, ana);
    const rest = "漢".repeat((PUBLIC_TEXTS_MAX_BYTES - 3 * longest.length * 2) / 3);
    for (const text of [longest, longest, rest]) {
      await maintenances.update({ id, state: "scheduled", text }, ana);
    }
    const more = maintenances.update({ id, state: "scheduled", text: "a" }, ana);
    expect(await failureCode(more)).toBe("too_large");
    return id;
  }

  it("starts and ends by itself", async () => {
    await using kit = await StatusKit.open();
    const { board } = kit.status;
    const id = await planFull(kit);
    kit.clock.now = Date.parse(MOVE.startsAt);
    await kit.status.advance();
    expect(board.maintenances()).toMatchObject([{ id, state: "in_progress" }]);
    kit.clock.now = Date.parse(MOVE.endsAt);
    kit.measure("operational");
    await kit.status.advance();
    expect(board.maintenances()).toMatchObject([{ id, state: "completed" }]);
  });

  it("is cancelled, or completed after it started by itself, with the longest text", async () => {
    await using kit = await StatusKit.open();
    const { board, maintenances } = kit.status;
    await maintenances.update({ id: await planFull(kit), state: "cancelled", text: longest }, kit.ana);
    const id = await planFull(kit);
    kit.clock.now = Date.parse(MOVE.startsAt);
    await kit.status.advance();
    await maintenances.update({ id, state: "completed", text: longest }, kit.ana);
    expect(board.maintenances().map(({ state }) => state).sort()).toEqual(["cancelled", "completed"]);
  });

  it("keeps all its texts when it has as many as there may be", async () => {
    await using kit = await StatusKit.open();
    const { maintenances, reader } = kit.status;
    const id = await maintenances.plan(MOVE, kit.ana);
    const say = (state: "scheduled" | "completed") =>
      maintenances.update({ id, state, text: "More." }, kit.ana);
    for (let count = 1; count < UPDATES_PER_INCIDENT_COUNT; count++) await say("scheduled");
    kit.clock.now = Date.parse(MOVE.startsAt);
    await kit.status.advance();
    await say("completed");
    const states = (await reader.updates(id)).map(({ state }) => state);
    expect([states.length, ...states.slice(-3)])
      .toEqual([UPDATES_PER_INCIDENT_COUNT + 2, "scheduled", "in_progress", "completed"]);
  });
});

describe("a maintenance that cannot start", () => {
  it("holds up nothing behind it, and is logged once", async () => {
    await using kit = await StatusKit.open();
    const { announcements, board, maintenances } = kit.status;
    const id = await maintenances.plan(MOVE, kit.ana);
    // The newest comes first.
    const broken = await maintenances.plan({ ...MOVE, startsAt: "2030-01-31T13:30:00.000Z" }, kit.ana);
    await kit.db.commit({ deletes: [keys.statusItem("maintenance", broken)] });
    const expiresAt = "2030-01-31T12:30:00.000Z";
    await announcements.announce({ text: "Short", level: "info", expiresAt }, kit.ana);
    kit.clock.now = Date.parse("2030-01-31T13:30:00.000Z");
    await kit.status.advance();
    await kit.status.advance();
    expect(board.maintenances()).toMatchObject([{ id: broken, state: "scheduled" }, {
      id,
      state: "in_progress",
    }]);
    expect(await kit.db.list(keys.statusOpens("announcement"), { limit: 1 })).toEqual([]);
    expect(kit.logged.filter((line) => line.includes(broken)).length).toBe(1);
  });
});

describe("a maintenance that takes longer", () => {
  it("gets a later end, by which it ends", async () => {
    await using kit = await StatusKit.open();
    const { board, maintenances } = kit.status;
    const id = await maintenances.plan(MOVE, kit.ana);
    kit.clock.now += HOUR_MS;
    await kit.status.advance();
    const endsAt = "2030-01-31T15:00:00.000Z";
    await maintenances.update({ id, state: "in_progress", text: "An hour more.", endsAt }, kit.ana);
    expect(kit.events.at(-1)).toMatchObject({ type: "maintenance", maintenance: { id, endsAt } });
    kit.measure("operational");
    kit.clock.now = Date.parse(MOVE.endsAt);
    await kit.status.advance();
    expect(board.current().maintenances).toMatchObject([{ id, state: "in_progress" }]);
    kit.clock.now = Date.parse(endsAt);
    kit.measure("operational");
    await kit.status.advance();
    expect(board.maintenances()).toMatchObject([{ id, state: "completed", endsAt }]);
  });

  it("gets no end that is over, and none when it is over itself", async () => {
    await using kit = await StatusKit.open();
    const { maintenances } = kit.status;
    const id = await maintenances.plan(MOVE, kit.ana);
    const change = { id, text: "Other times." };
    for (
      const refused of [
        { ...change, state: "scheduled", endsAt: "2030-01-31T11:00:00.000Z" },
        { ...change, state: "scheduled", endsAt: MOVE.startsAt },
        { ...change, state: "cancelled", endsAt: "2030-01-31T15:00:00.000Z" },
      ] as const
    ) expect(await failureCode(maintenances.update(refused, kit.ana))).toBe("invalid_input");
    expect(kit.status.board.maintenances()).toMatchObject([{ state: "scheduled", endsAt: MOVE.endsAt }]);
  });
});

describe("AnnouncementStore", () => {
  it("shows a line until it expires or is taken back, and says so once more", async () => {
    await using kit = await StatusKit.open();
    const { announcements, board } = kit.status;
    const id = await announcements.announce({ text: "Lunch is **late**", level: "warning" }, kit.ana);
    const expiresAt = "2030-01-31T12:30:00.000Z";
    await announcements.announce({ text: "Short", level: "info", expiresAt }, kit.ana);
    expect(board.current().announcements.map(({ text }) => text).sort()).toEqual([
      "Lunch is **late**",
      "Short",
    ]);
    kit.clock.now += HOUR_MS / 2;
    expect(board.current().announcements).toMatchObject([{
      id,
      html: '<p dir="auto">Lunch is <strong>late</strong></p>',
    }]);
    await kit.status.advance();
    await announcements.retract(id, kit.ana);
    expect(kit.events.at(-1)).toMatchObject({ announcement: { id, retractedAt: expect.any(String) } });
    expect(board.current().announcements).toEqual([]);
    expect(await failureCode(announcements.retract(id, kit.ana))).toBe("wrong_state");
    await kit.stop();
    await kit.start();
    expect(kit.status.board.current().announcements).toEqual([]);
  });
});
