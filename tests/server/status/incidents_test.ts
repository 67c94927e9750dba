import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { COMPONENTS } from "../../../server/status/components.ts";
import { DraftStore } from "../../../server/status/drafts/draft_store.ts";
import type { StatusId } from "../../../shared/ids.ts";
import {
  PUBLIC_OPEN_MAX_COUNT,
  PUBLIC_TEXT_MAX_CODE_POINTS,
  PUBLIC_TEXTS_MAX_BYTES,
  UPDATES_PER_INCIDENT_COUNT,
} from "../../../shared/limits.ts";
import type { IncidentState } from "../../../shared/status/states.ts";
import { keys } from "../../../server/kv/keys.ts";
import { failure, failureCode } from "../../support/account_kit.ts";
import { StatusKit } from "../../support/status_kit.ts";

const CALLS_FAIL = {
  title: "Messages arrive late",
  text: "We are *looking* into it.",
  components: [{ id: "messages", status: "partial_outage" }],
} as const;

describe("IncidentStore", () => {
  it("tells everybody each step with all that was said, and ends green", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board } = kit.status;
    kit.measure("operational");
    await kit.status.tellChanges();
    const id = await incidents.open(CALLS_FAIL, kit.ana);
    expect(board.current()).toMatchObject({
      state: "partial_outage",
      sentence: "Messages fail for some people. Everything else works normally.",
      incidents: [{ id, impact: "major", state: "investigating", resolvedAt: null }],
    });
    expect(board.current().incidents[0]?.updates[0]?.html).toContain("<em>looking</em>");

    kit.clock.now += 1_000;
    await incidents.update({ id, state: "identified", text: "Found it." }, kit.ana);
    expect(board.current().components[0]?.state).toBe("partial_outage");
    await incidents.update({
      id,
      state: "monitoring",
      text: "Mended.",
      components: [{ id: "messages", status: "operational" }],
    }, kit.ana);
    expect(board.current()).toMatchObject({
      state: "degraded_performance",
      sentence: "Monitoring: Messages arrive late.",
    });
    await incidents.update({ id, state: "resolved", text: "All is well." }, kit.ana);
    expect(board.current()).toMatchObject({ state: "operational", incidents: [] });
    await incidents.update({ id, state: "postmortem", text: "The disk was full." }, kit.ana);

    const [incident] = board.incidents();
    expect(incident?.updates.map(({ state }) => state))
      .toEqual(["postmortem", "resolved", "monitoring", "identified", "investigating"]);
    expect(incident?.updates.map(({ changes }) => changes.length)).toEqual([0, 0, 1, 0, 1]);
    expect(incident?.resolvedAt).not.toBeNull();
    await kit.status.tellChanges();
    const own = kit.events.filter(({ type }) => type === "incident");
    expect(own.length).toBe(5);
    // Each was measured once, and one failed and recovered.
    expect(kit.types.filter((type) => type === "component").length).toBe(COMPONENTS.length + 2);
    expect(kit.events.map(({ offset }) => offset)).toEqual(kit.events.map((_, index) => index + 1));
  });

  it("opens again what was resolved too early", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board } = kit.status;
    const id = await incidents.open(CALLS_FAIL, kit.ana);
    await incidents.update({ id, state: "resolved", text: "Done." }, kit.ana);
    await incidents.update({ id, state: "investigating", text: "Not yet." }, kit.ana);
    expect(board.current().incidents).toMatchObject([{ id, resolvedAt: null }]);
    await kit.stop();
    await kit.start();
    expect(kit.status.board.current().incidents).toMatchObject([{ id, state: "investigating" }]);
  });

  it("refuses steps that make no sense, with the state as it is", async () => {
    await using kit = await StatusKit.open();
    const { incidents } = kit.status;
    const id = await incidents.open(CALLS_FAIL, kit.ana);
    const step = (state: "monitoring" | "postmortem" | "identified") =>
      failureCode(incidents.update({ id, state, text: "?" }, kit.ana));
    expect(await step("postmortem")).toBe("wrong_state");
    await incidents.update({ id, state: "resolved", text: "Done." }, kit.ana);
    await incidents.update({ id, state: "postmortem", text: "Why." }, kit.ana);
    expect(await step("monitoring")).toBe("wrong_state");
    expect(await failureCode(incidents.publish(id, kit.ana))).toBe("wrong_state");
    expect(
      await failureCode(incidents.update({ id: "x" as StatusId, state: "resolved", text: "?" }, kit.ana)),
    )
      .toBe("not_found");
  });

  it("began at most 90 days ago", async () => {
    await using kit = await StatusKit.open();
    const open = (ms: number, isDraft: boolean) => {
      const startedAt = new Date(ms).toISOString();
      return kit.status.incidents.open({ ...CALLS_FAIL, startedAt, isDraft }, kit.ana);
    };
    const first = kit.clock.now - 90 * DAY_MS;
    for (const isDraft of [true, false]) {
      for (const ms of [first - 1, Date.parse("0001-01-01T00:00:00.000Z"), kit.clock.now + 1]) {
        expect(await failure(open(ms, isDraft))).toMatchObject({
          appCode: "invalid_input",
          issues: [{ path: "startedAt" }],
        });
      }
      await open(first, isDraft);
    }
  });

  it("keeps drafts to those who manage the page until one publishes them", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board, reader } = kit.status;
    const id = await incidents.open({ ...CALLS_FAIL, isDraft: true }, kit.ana);
    const other = await incidents.open({ ...CALLS_FAIL, isDraft: true }, kit.ana);
    const [draft] = (await reader.drafts()).filter((one) => one.id === id);
    await incidents.editUpdate(id, draft?.updates[0]?.id as StatusId, "Better words.", kit.ana);
    await incidents.delete(other, kit.ana);
    expect(kit.events).toEqual([]);
    expect(board.current().incidents).toEqual([]);
    expect(await reader.newestIncidents(50)).toEqual([]);
    expect(await failureCode(incidents.update({ id, state: "resolved", text: "?" }, kit.ana)))
      .toBe("wrong_state");
    await incidents.publish(id, kit.ana);
    expect(board.current().incidents).toMatchObject([{ id, updates: [{ text: "Better words." }] }]);
    expect(await reader.drafts()).toEqual([]);
    expect((await reader.newestIncidents(50)).map((one) => one.id)).toEqual([id]);
  });

  it("keeps when it was monitored and resolved first", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board } = kit.status;
    const id = await incidents.open(CALLS_FAIL, kit.ana);
    const after = async (state: "monitoring" | "resolved" | "postmortem") => {
      kit.clock.now += 60_000;
      await incidents.update({ id, state, text: "News." }, kit.ana);
      return new Date(kit.clock.now).toISOString();
    };
    const monitoringAt = await after("monitoring");
    await after("monitoring");
    expect(board.incidents()[0]).toMatchObject({ monitoringAt, resolvedAt: null });
    const resolvedAt = await after("resolved");
    await after("postmortem");
    expect(board.incidents()[0]).toMatchObject({ monitoringAt, resolvedAt });
  });

  it("marks what was edited, and deletes without a trace", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board, reader } = kit.status;
    const id = await incidents.open(CALLS_FAIL, kit.ana);
    const updateId = board.incidents()[0]?.updates[0]?.id as StatusId;
    await incidents.editUpdate(id, updateId, "Other words", kit.ana);
    expect(board.incidents()[0]?.updates).toMatchObject([{
      text: "Other words",
      editedAt: expect.any(String),
    }]);
    const admin = await kit.person("Ben", "admin");
    expect(await failureCode(incidents.delete(id, admin))).toBe("not_allowed");
    await incidents.delete(id, kit.ana);
    expect(kit.events.at(-1)).toMatchObject({
      type: "incident",
      incident: { id, deletedAt: expect.any(String) },
    });
    expect(JSON.stringify(kit.events.at(-1))).not.toContain("words");
    expect([board.incidents(), await reader.newestIncidents(50)]).toEqual([[], []]);
    expect(await reader.updates(id)).toEqual([]);
  });

  it("leaves an entry without text in the audit log when one is deleted, and none when that fails", async () => {
    await using kit = await StatusKit.open();
    const { incidents } = kit.status;
    const id = await incidents.open(CALLS_FAIL, kit.ana);
    const admin = await kit.person("Ben", "admin");
    await failureCode(incidents.delete(id, admin));
    const entries = async () => (await kit.db.list(keys.audits(), { limit: 10 })).map(({ value }) => value);
    expect(await entries()).toEqual([]);
    await incidents.delete(id, kit.ana);
    expect(await entries()).toEqual([
      { at: expect.any(String), by: kit.ana, action: "status.deleteIncident", targetId: id },
    ]);
  });

  it("looks at rights in the commit itself", async () => {
    await using kit = await StatusKit.open();
    const { incidents, announcements, maintenances, components } = kit.status;
    const member = await kit.person("Ben", "member");
    const day = { startsAt: "2030-02-01T00:00:00.000Z", endsAt: "2030-02-02T00:00:00.000Z" };
    const attempts = [
      () => incidents.open(CALLS_FAIL, member),
      () => incidents.open({ ...CALLS_FAIL, isDraft: true }, member),
      () => announcements.announce({ text: "Hi", level: "info" }, member),
      () => maintenances.plan({ title: "Move", text: "We move.", components: [], ...day }, member),
      () => components.set("messages", { name: "Post" }, member),
    ];
    for (const attempt of attempts) expect(await failureCode(attempt())).toBe("not_allowed");
    expect(kit.events).toEqual([]);
  });

  it("bounds what can be said and what is open", async () => {
    await using kit = await StatusKit.open();
    const { incidents } = kit.status;
    const unknown = { ...CALLS_FAIL, components: [{ id: "tea", status: "major_outage" as const }] };
    expect(await failure(incidents.open(unknown, kit.ana))).toMatchObject({
      appCode: "invalid_input",
      issues: [{ path: "components" }],
    });
    const id = await incidents.open({ ...CALLS_FAIL, components: [] }, kit.ana);
    const say = (text: string) => incidents.update({ id, state: "identified", text }, kit.ana);
    for (let count = 1; count < UPDATES_PER_INCIDENT_COUNT; count++) await say("More");
    expect(await failureCode(say("One too many"))).toBe("too_large");
    const large = await incidents.open({ ...CALLS_FAIL, text: "ö".repeat(10_000) }, kit.ana);
    expect(
      await failureCode(
        incidents.update({ id: large, state: "identified", text: "ö".repeat(5_000) }, kit.ana),
      ),
    )
      .toBe("too_large");
    for (let count = 2; count < PUBLIC_OPEN_MAX_COUNT; count++) await incidents.open(CALLS_FAIL, kit.ana);
    expect(await failureCode(incidents.open(CALLS_FAIL, kit.ana))).toBe("too_large");
  });

  it("ends what is full of text, in scripts of four bytes a character too", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board } = kit.status;
    const longest = "𠀀".repeat(PUBLIC_TEXT_MAX_CODE_POINTS);
    const long = await incidents.open({ ...CALLS_FAIL, text: longest }, kit.ana);
    const say = (id: StatusId, state: IncidentState, text: string) =>
      incidents.update({ id, state, text }, kit.ana);
    await say(long, "identified", longest);
    await say(long, "identified", longest);
    await say(long, "identified", "漢".repeat((PUBLIC_TEXTS_MAX_BYTES - 3 * longest.length * 2) / 3));
    expect(await failureCode(say(long, "monitoring", "a"))).toBe("too_large");
    await say(long, "resolved", longest);
    const many = await incidents.open(CALLS_FAIL, kit.ana);
    for (let count = 1; count < UPDATES_PER_INCIDENT_COUNT; count++) await say(many, "identified", "More");
    await say(many, "resolved", "Over.");
    expect(board.current().incidents).toEqual([]);
    // Going on would need the room that its next end needs.
    for (const id of [long, many]) expect(await failureCode(say(id, "identified", "a"))).toBe("too_large");
    await kit.stop();
    await kit.start();
    const texts = kit.status.board.incidents().map(({ updates }) => updates[0]?.text.slice(0, 5));
    expect(texts.sort()).toEqual(["Over.", longest.slice(0, 5)]);
  });

  it("lets what ended full be corrected, but grow no further", async () => {
    await using kit = await StatusKit.open();
    const { incidents, board } = kit.status;
    const id = await incidents.open(
      { ...CALLS_FAIL, text: "漢".repeat(PUBLIC_TEXTS_MAX_BYTES / 3) },
      kit.ana,
    );
    await incidents.update({ id, state: "resolved", text: "All is wel." }, kit.ana);
    const updateId = board.incidents()[0]?.updates[0]?.id as StatusId;
    const edit = (text: string) => incidents.editUpdate(id, updateId, text, kit.ana);
    await edit("All is so.");
    expect(await failureCode(edit("All is really well."))).toBe("too_large");
    expect(board.incidents()[0]?.updates[0]?.text).toBe("All is so.");
  });

  it("lets no more be open than the page can show, though all are opened at the same moment", async () => {
    await using kit = await StatusKit.open();
    const { incidents, announcements, maintenances } = kit.status;
    const at = (ms: number) => new Date(kit.clock.now + ms).toISOString();
    const plan = { title: "Move", text: "We move.", components: [], startsAt: at(1_000), endsAt: at(9_000) };
    const ways = [
      () => incidents.open(CALLS_FAIL, kit.ana),
      () => announcements.announce({ text: "Hi", level: "info" }, kit.ana),
      () => maintenances.plan(plan, kit.ana),
    ];
    const opened: number[] = [];
    for (const open of ways) {
      const all = await Promise.allSettled(Array.from({ length: PUBLIC_OPEN_MAX_COUNT + 5 }, open));
      opened.push(all.filter(({ status }) => status === "fulfilled").length);
    }
    expect(opened).toEqual([PUBLIC_OPEN_MAX_COUNT, PUBLIC_OPEN_MAX_COUNT, PUBLIC_OPEN_MAX_COUNT]);
  });

  it("lets no more be open when one that was over goes on", async () => {
    await using kit = await StatusKit.open();
    const { incidents } = kit.status;
    const reopen = async () => {
      const id = await incidents.open(CALLS_FAIL, kit.ana);
      await incidents.update({ id, state: "resolved", text: "Over" }, kit.ana);
      return () => incidents.update({ id, state: "investigating", text: "Again" }, kit.ana);
    };
    const [again, too] = [await reopen(), await reopen()];
    for (let count = 1; count < PUBLIC_OPEN_MAX_COUNT; count++) await incidents.open(CALLS_FAIL, kit.ana);
    const all = await Promise.allSettled([again(), too(), incidents.open(CALLS_FAIL, kit.ana)]);
    expect(all.filter(({ status }) => status === "fulfilled").length).toBe(1);
    expect((await kit.db.list(keys.statusOpens("incident"), { limit: 50 })).length).toBe(
      PUBLIC_OPEN_MAX_COUNT,
    );
  });

  it("lets no more be open when the server drafts, a person drafts and another publishes at once", async () => {
    await using kit = await StatusKit.open();
    const { incidents } = kit.status;
    for (let count = 2; count < PUBLIC_OPEN_MAX_COUNT; count++) await incidents.open(CALLS_FAIL, kit.ana);
    const store = new DraftStore(kit.db);
    const now = kit.clock.now;
    const drafted = (id: string) =>
      store.update({
        component: { id, name: id },
        failure: { state: "major_outage", from: now, until: null, count: 1 },
        isWorking: false,
        isCovered: false,
        now,
      });
    const all = await Promise.allSettled([
      drafted("live"),
      drafted("storage"),
      incidents.open({ ...CALLS_FAIL, isDraft: true }, kit.ana),
      incidents.open(CALLS_FAIL, kit.ana),
      incidents.open({ ...CALLS_FAIL, isDraft: true }, kit.ana),
      incidents.open(CALLS_FAIL, kit.ana),
    ]);
    expect(all.filter(({ status }) => status === "fulfilled").length).toBe(2);
    expect((await kit.db.list(keys.statusOpens("incident"), { limit: 50 })).length).toBe(
      PUBLIC_OPEN_MAX_COUNT,
    );
  });

  it("lets no more drafts be open either", async () => {
    await using kit = await StatusKit.open();
    const draft = () => kit.status.incidents.open({ ...CALLS_FAIL, isDraft: true }, kit.ana);
    const all = await Promise.allSettled(Array.from({ length: PUBLIC_OPEN_MAX_COUNT + 5 }, draft));
    expect(all.filter(({ status }) => status === "fulfilled").length).toBe(PUBLIC_OPEN_MAX_COUNT);
  });
});
