import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { nextCall } from "../../support/next_call.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";

const JOIN_ROUND_COUNT = 1_000;
const SECOND_MS = 1_000;

interface Place {
  readonly kit: AccountKit;
  readonly owner: Person;
  readonly ben: Person;
  readonly cleo: Person;
  readonly roomId: RoomId;
}

async function openRoom(kit: AccountKit, kind: "public" | "private"): Promise<Place> {
  const owner = await kit.owner();
  const [ben, cleo] = [await kit.member(owner, "Ben"), await kit.member(owner, "Cleo")];
  return { kit, owner, ben, cleo, roomId: await kit.room(owner, "Plans", kind) };
}

/** What Ben tries as a moderator while he is removed. */
const ACTS: Readonly<Record<string, (place: Place, round: number) => Promise<unknown>>> = {
  addMember: ({ ben, cleo, roomId }) => ben.api.rooms.addMember({ roomId, userId: cleo.me.id }),
  removeMember: ({ ben, cleo, roomId }) => ben.api.rooms.removeMember({ roomId, userId: cleo.me.id }),
  setMemberRole: ({ ben, owner, roomId }, round) =>
    ben.api.rooms.setMemberRole({
      roomId,
      userId: owner.me.id,
      role: round % 2 === 0 ? "member" : "moderator",
    }),
  update: ({ ben, roomId }, round) => ben.api.rooms.update({ roomId, topic: `Topic ${round}` }),
  archive: ({ ben, roomId }, round) => ben.api.rooms.archive({ roomId, on: round % 2 === 0 }),
};

/** Removes Ben, who passes the door with `act` while the removal is being committed; gives what he is told. */
async function removeDuring({ kit, owner, ben, roomId }: Place, act: () => Promise<unknown>) {
  let told: Promise<string | undefined> = Promise.resolve("nothing was held");
  kit.db.beforeCommit(keys.events(roomId), async () => {
    const queued = nextCall(kit.services.roomLog, "append");
    told = failureCode(act());
    await Promise.race([queued, told]);
  });
  await owner.api.rooms.removeMember({ roomId, userId: ben.me.id });
  return await told;
}

/** Events by somebody that stand behind their removal. */
async function countLate({ kit, roomId }: Place, userId: UserId): Promise<number> {
  let isOut = false;
  let count = 0;
  let after = 0;
  for (;;) {
    const { rows } = await kit.services.roomLog.read(roomId, after, 500);
    for (const { offset, row } of rows) {
      after = offset;
      if (isOut && row.by === userId) count++;
      if (row.type === "member_left" && row.userId === userId) isOut = true;
      if (row.type === "member_joined" && row.userId === userId) isOut = false;
    }
    if (rows.length === 0) return count;
  }
}

describe("who is removed from a private room", () => {
  it(`does not come back by joining at the same moment: ${JOIN_ROUND_COUNT} rounds`, async () => {
    await using kit = await AccountKit.open();
    const place = await openRoom(kit, "private");
    const { owner, ben, roomId } = place;
    const userId = ben.me.id;
    let backCount = 0;
    for (let round = 0; round < JOIN_ROUND_COUNT; round++) {
      kit.advance(SECOND_MS);
      await owner.api.rooms.addMember({ roomId, userId });
      const told = await removeDuring(place, () => ben.api.rooms.join({ roomId }));
      if (told !== "not_found") backCount++;
      if ((await kit.services.rooms.members.membersAmong(roomId, [userId])).size > 0) backCount++;
    }
    expect(kit.db.heldCount).toBe(JOIN_ROUND_COUNT);
    expect(backCount).toBe(0);
  });

  it.each(Object.keys(ACTS))("does nothing behind the removal: %s", async (name) => {
    await using kit = await AccountKit.open();
    const place = await openRoom(kit, "private");
    const { owner, ben, roomId } = place;
    const userId = ben.me.id;
    const act = ACTS[name];
    if (act === undefined) throw new Error("There is no such act");
    const { rooms } = kit.services;
    const letIn = async () => {
      kit.advance(SECOND_MS);
      await rooms.update({ roomId, by: owner.me.id, isArchived: false });
      await rooms.members.join({ roomId, userId, by: owner.me.id });
      await rooms.members.setRole({ roomId, userId, role: "moderator", by: owner.me.id });
      if (name === "removeMember") await rooms.members.join({ roomId, userId: place.cleo.me.id });
      else await rooms.members.leave({ roomId, userId: place.cleo.me.id });
      // So that the rights are known here, as they were a moment ago.
      for (const { api } of [owner, ben]) await api.rooms.get({ roomId });
    };
    // What is never allowed would be refused behind the removal too, and prove nothing.
    await letIn();
    await act(place, 1);
    await letIn();
    expect(await removeDuring(place, () => act(place, 0))).toBe("not_found");
    expect(kit.db.heldCount).toBe(1);
    expect(await countLate(place, userId)).toBe(0);
  });
});

describe("who may do something in a room by a role alone", () => {
  it.each(Object.keys(ACTS))("does nothing once the role is lost while it is committed: %s", async (name) => {
    await using kit = await AccountKit.open();
    const place = await openRoom(kit, "public");
    const { owner, ben, cleo, roomId } = place;
    await owner.api.users.setRole({ userId: ben.me.id, role: "admin" });
    if (name === "removeMember") await kit.services.rooms.members.join({ roomId, userId: cleo.me.id });
    const { offset } = await kit.services.roomLog.head(roomId);
    kit.db.beforeCommit(keys.events(roomId), () => kit.db.patch(keys.user(ben.me.id), { role: "member" }));
    expect(await failureCode(ACTS[name]?.(place, 0) ?? Promise.resolve())).toBe("not_allowed");
    expect(kit.db.heldCount).toBe(1);
    expect((await kit.services.roomLog.head(roomId)).offset).toBe(offset);
  });
});
