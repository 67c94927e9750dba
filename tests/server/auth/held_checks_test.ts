import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";

const AT = "2030-01-31T12:00:00.000Z";
const PASSWORD = "fourteen more kettles";

/** An owner, an admin and two members. Rows are changed as another instance would, while storage is held. */
async function place() {
  const kit = await AccountKit.open();
  const owner = await kit.owner();
  const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
  await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
  const patch = ({ me }: Person, fields: Record<string, unknown>) => () =>
    kit.db.patch(keys.user(me.id), fields);
  return { kit, owner, adam, ben, patch, [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose]() };
}

type Place = Awaited<ReturnType<typeof place>>;

async function linkFor(by: Person, person: Person): Promise<string> {
  return (await by.api.users.makeResetLink({ userId: person.me.id })).url.split("#")[1] ?? "";
}

/** A commit to prepare, where to hold it, what to change in the meantime, and the expected error. */
interface Race {
  readonly key: (place: Place) => Deno.KvKey;
  readonly meanwhile: (place: Place) => () => Promise<unknown>;
  readonly act: (place: Place) => Promise<() => Promise<unknown>>;
  readonly code: string;
}

const isEnded = { deactivatedAt: AT };
const issue: Pick<Race, "key" | "act"> = {
  key: ({ ben }) => keys.resetOf(ben.me.id),
  act: ({ adam, ben }) => Promise.resolve(() => linkFor(adam, ben)),
};
const use: Pick<Race, "key" | "act" | "code"> = {
  key: ({ ben }) => keys.password(ben.me.id),
  act: async ({ kit, adam, ben }) => {
    const token = await linkFor(adam, ben);
    return () => kit.browser().api.auth.resetPassword({ token, password: PASSWORD });
  },
  code: "reset_invalid",
};

const RACES: Readonly<Record<string, Race>> = {
  "a link for somebody who becomes owner": {
    ...issue,
    meanwhile: ({ ben, patch }) => patch(ben, { role: "owner" }),
    code: "not_allowed",
  },
  "a link made by somebody who loses the role": {
    ...issue,
    meanwhile: ({ adam, patch }) => patch(adam, { role: "member" }),
    code: "not_allowed",
  },
  "the use of a link by somebody who becomes owner": {
    ...use,
    meanwhile: ({ ben, patch }) => patch(ben, { role: "owner" }),
  },
  "the use of a link by somebody who becomes a guest": {
    ...use,
    meanwhile: ({ ben, patch }) => patch(ben, { role: "guest" }),
  },
  "the use of a link whose maker loses the role": {
    ...use,
    meanwhile: ({ adam, patch }) => patch(adam, { role: "member" }),
  },
  "a token of somebody who is deactivated": {
    key: ({ ben }) => keys.tokensBy(ben.me.id),
    meanwhile: ({ ben, patch }) => patch(ben, isEnded),
    act: ({ ben }) => Promise.resolve(() => ben.api.tokens.create({ label: "Build" })),
    code: "unauthenticated",
  },
  "a role given by somebody who loses theirs": {
    key: ({ ben }) => keys.user(ben.me.id),
    meanwhile: ({ adam, patch }) => patch(adam, { role: "member" }),
    act: ({ adam, ben }) =>
      Promise.resolve(() => adam.api.users.setRole({ userId: ben.me.id, role: "guest" })),
    code: "not_allowed",
  },
  "a member who is deactivated": {
    key: () => ["member"],
    meanwhile: ({ ben, patch }) => patch(ben, isEnded),
    act: async ({ kit, owner, ben }) => {
      const roomId = await kit.room(owner, "Dock", "private");
      return () => owner.api.rooms.addMember({ roomId, userId: ben.me.id });
    },
    code: "not_allowed",
  },
  "a member added by a former admin": {
    key: () => ["member"],
    meanwhile: ({ adam, patch }) => patch(adam, { role: "guest" }),
    act: async ({ kit, owner, adam, ben }) => {
      const roomId = await kit.room(owner, "Dock", "public");
      return () => adam.api.rooms.addMember({ roomId, userId: ben.me.id });
    },
    code: "not_found",
  },
};

describe("the commit checks", () => {
  it.each(Object.keys(RACES))("%s", async (name) => {
    await using test = await place();
    const race = RACES[name];
    if (race === undefined) throw new Error("There is no such race");
    const act = await race.act(test);
    test.kit.db.beforeCommit(race.key(test), race.meanwhile(test));
    expect(await failureCode(act())).toBe(race.code);
    expect(test.kit.db.heldCount).toBe(1);
  });
});
