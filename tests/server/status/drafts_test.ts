import { describe, expect, it } from "vitest";
import type { StatusId } from "../../../shared/ids.ts";
import { PUBLIC_OPEN_MAX_COUNT } from "../../../shared/limits.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import { DraftStore } from "../../../server/status/drafts/draft_store.ts";
import { keys } from "../../../server/kv/keys.ts";
import { Browser, failureCode, MEMBER_PASSWORD } from "../../support/account_kit.ts";
import { StatusKit } from "../../support/status_kit.ts";
import { ScriptedMonitor } from "./monitor_kit.ts";

interface Scene extends AsyncDisposable {
  readonly kit: StatusKit;
  readonly monitor: ScriptedMonitor;
}

/** Everything measured as good, one minute before the hour. */
async function scene(): Promise<Scene> {
  const kit = await StatusKit.open();
  kit.clock.now = Date.parse("2030-01-31T12:00:00.000Z");
  const monitor = new ScriptedMonitor(kit);
  await monitor.monitor.start();
  await monitor.rounds(3);
  return { kit, monitor, [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose]() };
}

async function drafts(kit: StatusKit) {
  return await kit.status.reader.drafts();
}

async function onlyDraft(kit: StatusKit) {
  const [draft, ...others] = await drafts(kit);
  if (draft === undefined || others.length > 0) throw new Error("There is not exactly one draft");
  return { ...draft, id: draft.id as StatusId, text: draft.updates[0]?.text };
}

describe("a component that fails", () => {
  it("is drafted after two failed probes, from the first of them, for owners and admins alone", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(1);
    expect(await drafts(kit)).toEqual([]);
    await monitor.rounds(1);
    expect(await onlyDraft(kit)).toMatchObject({
      title: "Live connection is down",
      text: "Measured since 2030-01-31 12:01 UTC. We are looking into it.",
      state: "investigating",
      impact: "critical",
      components: [{ id: "live", status: "major_outage" }],
      startedAt: "2030-01-31T12:01:20.000Z",
    });
    expect(kit.status.board.incidents()).toEqual([]);
    expect(kit.types).not.toContain("incident");
    expect((await kit.owner?.api.status.drafts())?.length).toBe(1);
    const { code } = await kit.owner?.api.invites.create({ role: "member", maxUses: 1 }) ?? { code: "" };
    const { api } = new Browser(kit.services, "192.0.2.77");
    await api.auth.register({ invite: code, name: "Ben", password: MEMBER_PASSWORD });
    expect(await failureCode(api.status.drafts())).toBe("not_allowed");
  });

  it("keeps one draft while it flaps, which counts and goes a day after it works", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(3);
    const { id } = await onlyDraft(kit);
    for (let count = 0; count < 2; count++) {
      monitor.failing.clear();
      await monitor.rounds(3);
      monitor.failing.add("live");
      await monitor.rounds(3);
    }
    expect(await onlyDraft(kit)).toMatchObject({
      id,
      text: "Measured 3 times since 2030-01-31 12:01 UTC. We are looking into it.",
      components: [{ id: "live", status: "major_outage" }],
    });
    monitor.failing.clear();
    await monitor.rounds(3);
    expect(await onlyDraft(kit)).toMatchObject({
      id,
      text: "Measured 3 times from 2030-01-31 12:01 UTC to 2030-01-31 12:06 UTC. It works again.",
      components: [{ id: "live", status: "operational" }],
      impact: "critical",
    });
    monitor.pass(DAY_MS - 120_000);
    await monitor.rounds(2);
    expect((await onlyDraft(kit)).id).toBe(id);
    monitor.pass(120_000);
    await monitor.rounds(2);
    expect(await drafts(kit)).toEqual([]);
    const { db } = kit.services;
    expect((await db.get(keys.statusItem("incident", id))).value).toBeNull();
    expect(await db.list(keys.statusUpdates(id), { limit: 1 })).toEqual([]);
    expect(await db.list(keys.statusDrafts(), { limit: 1 })).toEqual([]);
  });

  it("is not drafted again once somebody has published it, until it fails anew", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    const { incidents } = kit.status;
    monitor.failing.add("live");
    await monitor.rounds(3);
    const { id } = await onlyDraft(kit);
    await incidents.publish(id, kit.ana);
    await monitor.rounds(3);
    expect(await drafts(kit)).toEqual([]);
    monitor.failing.clear();
    await monitor.rounds(3);
    // It stays what a person made of it.
    expect(kit.status.board.incidents()).toMatchObject([{ id, components: [{ status: "major_outage" }] }]);
    monitor.failing.add("live");
    await monitor.rounds(3);
    expect(await drafts(kit)).toEqual([]);
    monitor.failing.clear();
    await monitor.rounds(3);
    await incidents.update({ id, state: "resolved", text: "Mended." }, kit.ana);
    monitor.failing.add("live");
    await monitor.rounds(3);
    expect((await onlyDraft(kit)).id).not.toBe(id);
  });

  it("is not drafted again once somebody has deleted it, until it fails anew", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(3);
    const { id } = await onlyDraft(kit);
    await kit.status.incidents.delete(id, kit.ana);
    await monitor.rounds(3);
    expect(await drafts(kit)).toEqual([]);
    monitor.failing.clear();
    await monitor.rounds(3);
    monitor.failing.add("live");
    await monitor.rounds(3);
    expect((await onlyDraft(kit)).id).not.toBe(id);
  });

  it("keeps a text that somebody has edited", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(3);
    const { id, updates } = await onlyDraft(kit);
    const updateId = updates[0]?.id as StatusId;
    await kit.status.incidents.editUpdate(id, updateId, "The cable was cut.", kit.ana);
    monitor.failing.clear();
    await monitor.rounds(3);
    expect(await onlyDraft(kit)).toMatchObject({
      text: "The cable was cut.",
      components: [{ id: "live", status: "operational" }],
    });
    await kit.status.incidents.publish(id, kit.ana);
    expect(kit.status.board.incidents()).toMatchObject([{ id, updates: [{ text: "The cable was cut." }] }]);
  });

  it("needs no draft any more when it works again and an open incident tells of it", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live").add("calls");
    await monitor.rounds(3);
    const edited = (await drafts(kit)).find(({ components }) => components[0]?.id === "calls");
    const [id, updateId] = [edited?.id as StatusId, edited?.updates[0]?.id as StatusId];
    await kit.status.incidents.editUpdate(id, updateId, "The relay was full.", kit.ana);
    const components = [{ id: "live", status: "major_outage" }, {
      id: "calls",
      status: "major_outage",
    }] as const;
    await kit.status.incidents.open({ title: "No network", text: "We look.", components }, kit.ana);
    await monitor.rounds(2);
    expect(await drafts(kit)).toHaveLength(2);
    monitor.failing.clear();
    await monitor.rounds(3);
    // A person is at work on the other one.
    expect(await onlyDraft(kit)).toMatchObject({ id, text: "The relay was full." });
    const { db } = kit.services;
    expect(await db.list(keys.statusDrafts(), { limit: 5 })).toHaveLength(1);
  });

  it("needs no draft any more when it works, and is told of only then", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(3);
    monitor.failing.clear();
    await monitor.rounds(3);
    expect(await drafts(kit)).toHaveLength(1);
    const components = [{ id: "live", status: "operational" }] as const;
    await kit.status.incidents.open({ title: "It was down", text: "For a minute.", components }, kit.ana);
    await monitor.rounds(1);
    expect(await drafts(kit)).toEqual([]);
  });

  it("is not drafted while maintenance explains it, nor when the owner hides it", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    const at = (ms: number) => new Date(kit.clock.now + ms).toISOString();
    await kit.status.maintenances.plan({
      title: "New cable",
      text: "We change a cable.",
      components: ["live"],
      startsAt: at(10_000),
      endsAt: at(600_000),
    }, kit.ana);
    await kit.owner?.api.status.setComponent({ id: "events", hidden: true });
    monitor.failing.add("live").add("events");
    await monitor.rounds(4);
    expect(await drafts(kit)).toEqual([]);
    monitor.pass(600_000);
    await monitor.rounds(3);
    expect(await onlyDraft(kit)).toMatchObject({ components: [{ id: "live" }] });
  });

  it("is drafted afterwards when it was storage", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    kit.db.isGone = true;
    monitor.failing.add("storage");
    await monitor.rounds(4);
    kit.db.isGone = false;
    monitor.failing.clear();
    await monitor.rounds(3);
    expect(await onlyDraft(kit)).toMatchObject({
      title: "Storage is down",
      text: "Measured from 2030-01-31 12:01 UTC to 2030-01-31 12:02 UTC. It works again.",
      components: [{ id: "storage", status: "operational" }],
    });
  });

  it("is brought up to date though another one cannot be drafted because too much is open", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(3);
    const { id } = await onlyDraft(kit);
    const fire = { title: "Smoke", text: "It smells.", components: [] };
    const open: StatusId[] = [];
    for (let count = 1; count < PUBLIC_OPEN_MAX_COUNT; count++) {
      open.push(await kit.status.incidents.open(fire, kit.ana));
    }
    monitor.failing.add("messages").delete("live");
    await monitor.rounds(3);
    expect(await onlyDraft(kit)).toMatchObject({ id, components: [{ id: "live", status: "operational" }] });
    expect(kit.logged.join("\n")).toContain("Cannot draft an incident");
    // Once there is room, it is drafted with all of its time.
    const [first] = open;
    if (first !== undefined) await kit.status.incidents.delete(first, kit.ana);
    await monitor.rounds(1);
    const late = (await drafts(kit)).find((one) => one.id !== id);
    expect(late).toMatchObject({ components: [{ id: "messages" }], startedAt: "2030-01-31T12:02:20.000Z" });
  });

  it("is drafted once, however many instances see it at the same moment", async () => {
    await using kit = await StatusKit.open();
    const now = kit.clock.now;
    const subject = {
      component: { id: "live", name: "Live connection" },
      failure: { state: "major_outage", from: now, until: null, count: 1 },
      isWorking: false,
      isCovered: false,
      now,
    } as const;
    const stores = Array.from({ length: 4 }, () => new DraftStore(kit.services.db));
    const created = await Promise.all(stores.map((store) => store.update(subject)));
    expect(created.filter((id) => id !== null)).toEqual([(await onlyDraft(kit)).id]);
  });

  it("is seen to work again by an instance that did not see it fail", async () => {
    await using place = await scene();
    const { kit, monitor } = place;
    monitor.failing.add("live");
    await monitor.rounds(3);
    const { id } = await onlyDraft(kit);
    const other = new ScriptedMonitor(kit, "two");
    await other.monitor.start();
    await other.rounds(3);
    expect(await onlyDraft(kit)).toMatchObject({ id, components: [{ id: "live", status: "operational" }] });
  });
});
