import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { PUBLIC_OPEN_MAX_COUNT } from "../../../shared/limits.ts";
import { StatusReader } from "../../support/status_reader.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { STATUSPAGE_ANSWERS } from "../../../server/status/statuspage_json.ts";
import { testApp } from "../../support/test_app.ts";
import type { TestApp } from "../../support/test_app.ts";

const CALLS = { title: "Calls fail", text: "We look.", components: [] };
const MOVE = {
  title: "New disks",
  text: "We change them.",
  components: [],
  startsAt: "2035-01-31T13:00:00.000Z",
  endsAt: "2035-01-31T14:00:00.000Z",
};

/** All ways to begin something in a room. */
const WAYS: Readonly<Record<string, (person: Person, roomId: RoomId) => Promise<unknown>>> = {
  "open an incident": ({ api }, roomId) => api.status.openIncident({ ...CALLS, roomId }),
  "draft an incident": ({ api }, roomId) => api.status.openIncident({ ...CALLS, draft: true, roomId }),
  "plan maintenance": ({ api }, roomId) => api.status.planMaintenance({ ...MOVE, roomId }),
  announce: ({ api }, roomId) => api.status.announce({ text: "Hello", level: "info", roomId }),
};

/** Calls that are refused because of what they say, by somebody who may send in the room. */
const REFUSED: Readonly<Record<string, (person: Person, roomId: RoomId) => Promise<unknown>>> = {
  "a component that does not exist": ({ api }, roomId) =>
    api.status.openIncident({ ...CALLS, components: [{ id: "nothing", status: "major_outage" }], roomId }),
  "a start in the future": ({ api }, roomId) =>
    api.status.openIncident({ ...CALLS, startedAt: MOVE.startsAt, roomId }),
  "a maintenance that is over": ({ api }, roomId) =>
    api.status.planMaintenance({
      ...MOVE,
      startsAt: "2020-01-31T13:00:00.000Z",
      endsAt: "2020-01-31T14:00:00.000Z",
      roomId,
    }),
  "an announcement that has expired": ({ api }, roomId) =>
    api.status.announce({ text: "Hello", level: "info", expiresAt: "2020-01-31T13:00:00.000Z", roomId }),
};

async function botRooms({ services }: AccountKit): Promise<RoomId[]> {
  return await services.rooms.members.roomsOf(await services.statusBot.ensure());
}

async function items({ db }: AccountKit): Promise<unknown[]> {
  const lists = ["statusItem", "statusRoom"].map((prefix) => db.inner.list([prefix], { limit: 50 }));
  return (await Promise.all(lists)).flat();
}

describe("whoever lets a room hear of something", () => {
  it.each(Object.keys(WAYS))("must be able to send there, to %s", async (name) => {
    const begin = WAYS[name];
    if (begin === undefined) throw new Error("There is no such way");
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const secret = await kit.room(ben, "Secret", "private");
    const open = await kit.room(ben, "Open");
    const own = await kit.room(owner, "Own", "private");
    const { id: direct } = await owner.api.rooms.openDirect({ userId: ben.me.id });
    const archived = await kit.room(owner, "Old");
    await owner.api.rooms.archive({ roomId: archived, on: true });
    expect(await failureCode(begin(owner, secret))).toBe("not_found");
    expect(await failureCode(begin(owner, open))).toBe("not_allowed");
    expect(await failureCode(begin(owner, direct))).toBe("not_allowed");
    expect(await failureCode(begin(owner, archived))).toBe("room_archived");
    expect(await failureCode(begin(ben, open))).toBe("not_allowed");
    expect(await items(kit)).toEqual([]);
    expect(await botRooms(kit)).toEqual([]);
    await begin(owner, own);
    await kit.services.status.teller.remind();
    expect(await botRooms(kit)).toEqual(name === "draft an incident" ? [] : [own]);
  });

  it.each(Object.keys(REFUSED))("changes nothing in it when refused for %s", async (name) => {
    const begin = REFUSED[name];
    if (begin === undefined) throw new Error("There is no such call");
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Own", "private");
    const head = await kit.services.roomLog.head(roomId);
    expect(await failureCode(begin(owner, roomId))).toBe("invalid_input");
    expect(await botRooms(kit)).toEqual([]);
    expect(await kit.services.roomLog.head(roomId)).toEqual(head);
  });

  it("changes nothing in it when the page is full", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Own", "private");
    const { incidents } = kit.services.status;
    for (let count = 0; count < PUBLIC_OPEN_MAX_COUNT; count++) await incidents.open(CALLS, owner.me.id);
    expect(await failureCode(owner.api.status.openIncident({ ...CALLS, roomId }))).toBe("too_large");
    expect(await botRooms(kit)).toEqual([]);
  });

  it.each(["removed from it", "deactivated"])(
    "lets the bot in no more once they are %s, but publishes",
    async (how) => {
      await using kit = await AccountKit.open();
      const owner = await kit.owner();
      const [ben, adam] = [await kit.member(owner, "Ben"), await kit.member(owner, "Adam")];
      const userId = adam.me.id;
      await owner.api.users.setRole({ userId, role: "admin" });
      const roomId = await kit.room(ben, "Secret", "private");
      await ben.api.rooms.addMember({ roomId, userId });
      const id = await adam.api.status.openIncident({ ...CALLS, draft: true, roomId });
      if (how === "deactivated") await owner.api.users.deactivate({ userId });
      else await ben.api.rooms.removeMember({ roomId, userId });
      const { status, roomLog } = kit.services;
      const head = await roomLog.head(roomId);
      await owner.api.status.publish({ id: id.id });
      await status.teller.remind();
      expect(status.board.current().incidents).toMatchObject([{ id: id.id }]);
      expect(await botRooms(kit)).toEqual([]);
      expect(await roomLog.head(roomId)).toEqual(head);
      expect(await status.rooms.list()).toEqual([]);
    },
  );

  it.each(Object.keys(WAYS))("must still be able to when it is stored, to %s", async (name) => {
    const begin = WAYS[name];
    if (begin === undefined) throw new Error("There is no such way");
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Own", "private");
    const member = keys.member(roomId, owner.me.id);
    kit.db.beforeCommit(["statusItem"], () => kit.db.inner.commit({ deletes: [member] }));
    expect(await failureCode(begin(owner, roomId))).toBe("not_found");
    expect(kit.db.heldCount).toBe(1);
    expect(await items(kit)).toEqual([]);
  });

  it("must find it open when it is stored", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Own");
    kit.db.beforeCommit(["statusItem"], () => kit.db.patch(keys.room(roomId), { archivedAt: "2030-01-31" }));
    expect(await failureCode(owner.api.status.openIncident({ ...CALLS, roomId }))).toBe("room_archived");
    expect(await items(kit)).toEqual([]);
  });
});

/** Everything that strangers can read. */
async function publicTexts(app: TestApp, incidentId: string): Promise<string> {
  const json = Object.keys(STATUSPAGE_ANSWERS).map((path) => `/api/v2/${path}`);
  const paths = [
    "/status",
    "/status.md",
    "/status/history",
    `/status/incidents/${incidentId}`,
    "/status/feed.atom",
    "/status/feed.rss",
    "/status/maintenance.ics",
    "/status/badge.svg",
    "/trpc/status.current",
    ...json,
  ];
  const texts = await Promise.all(paths.map(async (path) => {
    const response = await app.device().fetch(`${app.url}${path}`, { headers: { accept: "text/html" } });
    expect([path, response.status]).toEqual([path, 200]);
    return await response.text();
  }));
  return texts.join("\n");
}

async function copiedTexts(folder: string): Promise<string> {
  let texts = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    texts += isDirectory ? await copiedTexts(path) : await Deno.readTextFile(path);
  }
  return texts;
}

describe("the room that hears of something", () => {
  it("is known to nobody who may not read it", async () => {
    await using app = await testApp({ file: true });
    const { api } = app.owner;
    const adam = await app.person("Adam", { role: "admin" });
    const { id: roomId } = await api.rooms.create.mutate({ name: "Zyxwvut", kind: "private" });
    await using reader = await StatusReader.open(app.url);
    await expect.poll(() => reader.names, { timeout: 10_000 }).toEqual(["snapshot"]);
    const { id } = await api.status.openIncident.mutate({ ...CALLS, roomId });
    const { id: draftId } = await api.status.openIncident.mutate({ ...CALLS, draft: true, roomId });
    await api.status.planMaintenance.mutate({ ...MOVE, roomId });
    await api.status.announce.mutate({ text: "Hello", level: "info", roomId });
    await api.status.updateIncident.mutate({ id, state: "identified", text: "Found." });
    await app.server.monitor.tick();
    await expect.poll(() => reader.names.filter((name) => name === "incident"), { timeout: 10_000 })
      .toHaveLength(2);

    const strangers = [
      await publicTexts(app, id),
      reader.raw,
      await copiedTexts(`${app.services.config.dataDir}/status`),
    ].join("\n");
    expect(strangers).toContain(CALLS.title);
    for (const secret of [roomId, "Zyxwvut", "roomId"]) expect(strangers).not.toContain(secret);

    const seenByAdam = JSON.stringify([
      await adam.api.status.drafts.query(),
      await adam.api.status.settings.query(),
      await adam.api.status.current.query(),
    ]);
    expect(seenByAdam).toContain(draftId);
    for (const secret of [roomId, "Zyxwvut"]) expect(seenByAdam).not.toContain(secret);
    const ids = async () => (await adam.api.status.settings.query()).rooms.map((room) => room.id);
    await api.rooms.addMember.mutate({ roomId, userId: adam.id });
    expect((await ids()).toSorted()).toEqual(expect.arrayContaining([id, draftId]));
    await api.rooms.removeMember.mutate({ roomId, userId: adam.id });
    expect(await ids()).toEqual([]);
  });
});
