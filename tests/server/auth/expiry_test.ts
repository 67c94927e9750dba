import { describe, expect, it } from "vitest";
import { AccountKit, failureCode, MEMBER_PASSWORD } from "../../support/account_kit.ts";
import { AppError } from "../../../shared/errors.ts";
import { keys } from "../../../server/kv/keys.ts";

const DAY_MS = 86_400_000;

async function countRows(kit: AccountKit): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { key } of await kit.services.db.list([], { limit: 5000 })) {
    const kind = String(key[0]);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

describe("ExpiryStore", () => {
  it("deletes expired rows and nothing else", async () => {
    await using kit = await AccountKit.open();
    await kit.services.setups.issue();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await owner.api.users.makeResetLink({ userId: ben.me.id });
    await failureCode(kit.browser().api.auth.signIn({ name: "Ana", password: "wrong" }));
    await failureCode(kit.browser().api.invites.preview({ invite: "wrong" }));
    const before = await countRows(kit);
    expect(before).toMatchObject({ setup: 1, reset: 1, resetOf: 1, attempts: 4, session: 2, invite: 1 });
    expect(await kit.services.expiry.collect()).toBe(0);
    expect(await countRows(kit)).toEqual(before);

    kit.advance(13 * DAY_MS);
    expect(await owner.api.auth.me()).not.toBeNull();
    kit.advance(2 * DAY_MS);
    await kit.services.expiry.collect();
    const after = await countRows(kit);
    for (const kind of ["setup", "reset", "resetOf", "attempts", "invite", "inviteById"]) {
      expect(after[kind], kind).toBeUndefined();
    }
    expect(after).toMatchObject({ session: 1, sessionOf: 1, user: 3, userName: 3, password: 2 });
    expect(await owner.api.auth.me()).not.toBeNull();
  });

  it("handles more rows than fit one batch", async () => {
    await using kit = await AccountKit.open();
    const sets = Array.from({ length: 1200 }, (_, index) => {
      const until = new Date(index % 3 === 0 ? 0 : 8.64e15).toISOString();
      return [keys.setup(`row ${index}`), { until }] as const;
    });
    for (let from = 0; from < sets.length; from += 400) {
      await kit.services.db.commit({ sets: sets.slice(from, from + 400) });
    }
    expect(await kit.services.expiry.collect()).toBe(400);
    expect((await countRows(kit))["setup"]).toBe(800);
  });
});

describe("PendingRoomStore", () => {
  it("adds a new account to its rooms later if the process or storage failed in between", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { rooms, pendingRooms } = kit.services;
    const joinGeneral = rooms.joinGeneral.bind(rooms);
    rooms.joinGeneral = () => Promise.reject(new AppError("storage_full", "Storage is full"));
    const ben = await kit.member(owner, "Ben");
    expect(ben.me.name).toBe("Ben");
    expect(await rooms.members.roomsOf(ben.me.id)).toEqual([]);
    rooms.joinGeneral = joinGeneral;
    await pendingRooms.joinAll();
    expect(await rooms.members.roomsOf(ben.me.id)).toHaveLength(1);
    expect((await countRows(kit))["pendingRooms"]).toBeUndefined();
  });

  it("does not wait for a room that was archived", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { rooms } = kit.services;
    const general = await rooms.general();
    if (general === null) throw new Error("There must be a room of all");
    await rooms.update({ roomId: general, by: owner.me.id, isArchived: true });
    const { code } = await owner.api.invites.create({ role: "member" });
    const input = { invite: code, name: "Ben", password: MEMBER_PASSWORD };
    expect(await failureCode(kit.browser().api.auth.register(input))).toBeUndefined();
    expect((await countRows(kit))["pendingRooms"]).toBeUndefined();
  });
});
