import { describe, expect, it } from "vitest";
import { AccountKit } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";

const JOIN_ROUND_COUNT = 1_000;
const ROUND_COUNT = 100;
const SECOND_MS = 1_000;

interface Place {
  readonly kit: AccountKit;
  readonly owner: Person;
  readonly ben: Person;
  readonly cleo: Person;
  readonly roomId: RoomId;
}

async function privateRoom(kit: AccountKit): Promise<Place> {
  const owner = await kit.owner();
  const [ben, cleo] = [await kit.member(owner, "Ben"), await kit.member(owner, "Cleo")];
  return { kit, owner, ben, cleo, roomId: await kit.room(owner, "Plans", "private") };
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

/** Events by somebody that stand behind their removal. */
async function countLate({ kit, roomId }: Place, userId: UserId): Promise<number> {
  let isOut = false;
  let count = 0;
  let after = 0;
  for (;;) {
    const { rows } = await kit.services.eventLog.read(roomId, after, 500);
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
    const { owner, ben, roomId } = await privateRoom(kit);
    const userId = ben.me.id;
    let backCount = 0;
    for (let round = 0; round < JOIN_ROUND_COUNT; round++) {
      kit.advance(SECOND_MS);
      await owner.api.rooms.addMember({ roomId, userId });
      await Promise.all([
        ben.api.rooms.join({ roomId }).catch(() => {}),
        owner.api.rooms.removeMember({ roomId, userId }),
        ben.api.rooms.join({ roomId }).catch(() => {}),
        ben.api.rooms.join({ roomId }).catch(() => {}),
      ]);
      if ((await kit.services.rooms.members.membersAmong(roomId, [userId])).size > 0) backCount++;
    }
    expect(backCount).toBe(0);
  });

  it.each(Object.keys(ACTS))("does nothing behind the removal: %s", async (name) => {
    await using kit = await AccountKit.open();
    const place = await privateRoom(kit);
    const { owner, ben, roomId } = place;
    const userId = ben.me.id;
    const act = ACTS[name];
    if (act === undefined) throw new Error("There is no such act");
    const { rooms } = kit.services;
    const letIn = async () => {
      kit.advance(SECOND_MS);
      await rooms.update({ roomId, by: owner.me.id, isArchived: false });
      await rooms.join({ roomId, userId, by: owner.me.id });
      await rooms.members.setRole({ roomId, userId, role: "moderator", by: owner.me.id });
      if (name === "removeMember") await rooms.join({ roomId, userId: place.cleo.me.id });
      else await rooms.members.leave({ roomId, userId: place.cleo.me.id });
      // So that the rights are known here, as they were a moment ago.
      for (const { api } of [owner, ben]) await api.rooms.get({ roomId });
    };
    // What is never allowed would be refused behind the removal too, and prove nothing.
    await letIn();
    await act(place, 1);
    for (let round = 0; round < ROUND_COUNT; round++) {
      await letIn();
      const first = act(place, round).catch(() => {});
      await Promise.all([
        round % 2 === 0 ? first : Promise.resolve(),
        owner.api.rooms.removeMember({ roomId, userId }),
        act(place, round + 1).catch(() => {}),
        first,
      ]);
    }
    expect(await countLate(place, userId)).toBe(0);
  });
});
