import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import type { PublicStatus } from "../../../server/status/public_status.ts";
import type { StatusId, UserId } from "../../../shared/ids.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";

/** Prepares what is there before, as the owner, and returns the change that somebody else attempts. */
type Prepare = (status: PublicStatus, owner: UserId) => Promise<(by: UserId) => Promise<unknown>>;

const HOUR = "2030-01-31T13:00:00.000Z";
const DAY = "2030-02-01T12:00:00.000Z";
const INCIDENT = { title: "Calls fail", text: "We look.", components: [] };
const MAINTENANCE = {
  title: "New disks",
  text: "We change them.",
  components: [],
  startsAt: HOUR,
  endsAt: DAY,
};
const LINE = { text: "Hello", level: "info" } as const;

/** Opens an incident or a draft, and gives the id of its first text too. */
async function opened(status: PublicStatus, owner: UserId, isDraft: boolean) {
  const id = await status.incidents.open({ ...INCIDENT, isDraft }, owner);
  const [update] = await status.reader.updates(id);
  if (update === undefined) throw new Error("The incident has no text");
  return { id, updateId: update.id };
}

const CHANGES: Readonly<Record<string, Prepare>> = {
  "opens no incident": ({ incidents }) => Promise.resolve((by) => incidents.open(INCIDENT, by)),
  "opens no draft": ({ incidents }) =>
    Promise.resolve((by) => incidents.open({ ...INCIDENT, isDraft: true }, by)),
  "publishes no draft": async (status, owner) => {
    const { id } = await opened(status, owner, true);
    return (by) => status.incidents.publish(id, by);
  },
  "updates no incident": async (status, owner) => {
    const { id } = await opened(status, owner, false);
    return (by) => status.incidents.update({ id, state: "identified", text: "Found." }, by);
  },
  "edits no text": async (status, owner) => {
    const { id, updateId } = await opened(status, owner, false);
    return (by) => status.incidents.editUpdate(id, updateId, "Nothing", by);
  },
  "edits no text of a draft": async (status, owner) => {
    const { id, updateId } = await opened(status, owner, true);
    return (by) => status.incidents.editUpdate(id, updateId, "Nothing", by);
  },
  "deletes no draft": async (status, owner) => {
    const { id } = await opened(status, owner, true);
    return (by) => status.incidents.delete(id, by);
  },
  "announces nothing": ({ announcements }) => Promise.resolve((by) => announcements.announce(LINE, by)),
  "retracts nothing": async ({ announcements }, owner) => {
    const id = await announcements.announce(LINE, owner);
    return (by) => announcements.retract(id, by);
  },
  "plans no maintenance": ({ maintenances }) => Promise.resolve((by) => maintenances.plan(MAINTENANCE, by)),
  "updates no maintenance": async ({ maintenances }, owner) => {
    const id = await maintenances.plan(MAINTENANCE, owner);
    return (by) => maintenances.update({ id, state: "in_progress", text: "Begun." }, by);
  },
  "edits no text of a maintenance": async ({ maintenances, reader }, owner) => {
    const id = await maintenances.plan(MAINTENANCE, owner);
    const updateId = (await reader.updates(id))[0]?.id as StatusId;
    return (by) => maintenances.editUpdate(id, updateId, "Nothing", by);
  },
  "changes no component": ({ components }) =>
    Promise.resolve((by) => components.set("live", { name: "Apps" }, by)),
};

/** All that is stored of the status page. */
async function stored({ db }: AccountKit): Promise<unknown> {
  const prefixes = [
    "statusEvent",
    "statusItem",
    "statusOpen",
    "statusByTime",
    "statusUpdate",
    "statusComponent",
    "statusRoom",
  ];
  return await Promise.all(prefixes.map((prefix) => db.inner.list([prefix], { limit: 100 })));
}

/** Expects that whoever gets another role while the commit is prepared is refused, and changes nothing. */
async function expectRefused(
  kit: AccountKit,
  by: UserId,
  role: "admin" | "member",
  change: (by: UserId) => Promise<unknown>,
  row: string,
): Promise<void> {
  const before = await stored(kit);
  kit.db.beforeCommit([row], () => kit.db.patch(keys.user(by), { role }));
  expect(await failureCode(change(by))).toBe("not_allowed");
  expect(kit.db.heldCount).toBe(1);
  expect(await stored(kit)).toEqual(before);
}

describe("somebody who loses the right to manage the status page while the commit is prepared", () => {
  it.each(Object.keys(CHANGES))("%s", async (name) => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const adam = await kit.member(owner, "Adam");
    await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
    const change = await CHANGES[name]?.(kit.services.status, owner.me.id);
    if (change === undefined) throw new Error("There is no such change");
    const row = name.endsWith("component") ? "statusComponent" : "statusItem";
    await expectRefused(kit, adam.me.id, "member", change, row);
  });

  it("deletes no incident as an owner who is made an admin", async () => {
    await using kit = await AccountKit.open();
    const { me: { id: ownerId } } = await kit.owner();
    const { status } = kit.services;
    const { id } = await opened(status, ownerId, false);
    await expectRefused(kit, ownerId, "admin", (by) => status.incidents.delete(id, by), "statusItem");
  });
});
