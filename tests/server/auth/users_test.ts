import { describe, expect, it } from "vitest";
import {
  AccountKit,
  failure,
  failureCode,
  MEMBER_PASSWORD,
  OWNER_PASSWORD,
} from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { newId } from "../../../shared/ids.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { Role, User } from "../../../shared/user.ts";

const HOUR_MS = 3_600_000;

async function allUsers(person: Person, limit = 2): Promise<User[]> {
  const found: User[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: User[]; cursor: string | null } = await person.api.users.list(
      cursor === null ? { limit } : { limit, cursor },
    );
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}

describe("users.list", () => {
  it("lists everybody once across all pages, without secrets", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    for (const name of ["Ben", "Cleo", "Dan", "Eve"]) await kit.member(owner, name);
    const users = await allUsers(owner);
    expect(users.map(({ name }) => name).toSorted()).toEqual(["Ana", "Ben", "Cleo", "Dan", "Eve", "Status"]);
    for (const { isBuiltIn: _, ...user } of users) {
      expect(Object.keys(user).toSorted()).toEqual(["deactivatedAt", "id", "isBot", "name", "role"]);
    }
    expect((await owner.api.users.list()).items).toHaveLength(6);
  });

  it("lists for guests only the people in their rooms", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await kit.member(owner, "Cleo");
    const roomId = await kit.room(ben, "Plans", "private");
    const gus = await kit.guest(ben, "Gus", roomId);
    const names = (await allUsers(gus, 1)).map(({ name }) => name).toSorted();
    expect(names).toEqual(["Ben", "Gus"]);
  });

  it("refuses an invalid cursor", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const error = await failure(owner.api.users.list({ cursor: "*" }));
    expect(error?.issues).toMatchObject([{ path: "cursor" }]);
  });
});

describe("users.setRole", () => {
  it("lets only owners appoint and remove owners and admins", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben, cleo] = [
      await kit.member(owner, "Adam"),
      await kit.member(owner, "Ben"),
      await kit.member(owner, "Cleo"),
    ];
    const set = (by: Person, of: Person, role: Role) =>
      failureCode(by.api.users.setRole({ userId: of.me.id, role }));
    expect(await set(owner, adam, "admin")).toBeUndefined();
    for (const role of ["owner", "admin"] as const) expect(await set(adam, ben, role)).toBe("not_allowed");
    expect(await set(adam, owner, "member")).toBe("not_allowed");
    expect(await set(adam, ben, "guest")).toBeUndefined();
    expect(await set(adam, ben, "member")).toBeUndefined();
    for (const by of [ben, cleo]) expect(await set(by, ben, "admin")).toBe("not_allowed");
    const userId = newId<UserId>();
    expect(await failureCode(ben.api.users.setRole({ userId, role: "guest" }))).toBe("not_allowed");
    expect(await failureCode(owner.api.users.setRole({ userId, role: "guest" }))).toBe("not_found");
    expect(await set(owner, cleo, "owner")).toBeUndefined();
    expect(await set(cleo, owner, "member")).toBeUndefined();
    expect((await owner.api.auth.me())?.role).toBe("member");
  });

  it("keeps the last owner, also when two step down at the same moment", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const { users } = kit.services;
    const stepDown = (person: Person) =>
      failureCode(person.api.users.setRole({ userId: person.me.id, role: "member" }));
    expect(await stepDown(owner)).toBe("last_owner");
    expect(await failureCode(owner.api.users.deactivate({ userId: owner.me.id }))).toBe("last_owner");
    for (let round = 0; round < 10; round++) {
      for (const { me } of [owner, ben]) await users.setRole(me.id, "owner", null);
      const codes = await Promise.all([stepDown(owner), stepDown(ben)]);
      expect(codes.toSorted()).toEqual(["last_owner", undefined]);
      const owners = (await users.list(10, null)).filter(({ role }) => role === "owner");
      expect(owners).toHaveLength(1);
    }
  });

  it("adds a guest who becomes a member to the general room", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const gus = await kit.guest(owner, "Gus", await kit.room(owner, "Plans"));
    expect(await kit.services.rooms.members.roomsOf(gus.me.id)).toHaveLength(1);
    await owner.api.users.setRole({ userId: gus.me.id, role: "member" });
    expect(await kit.services.rooms.members.roomsOf(gus.me.id)).toHaveLength(2);
    expect(await failureCode(owner.api.users.setRole({ userId: gus.me.id, role: "owner" }))).toBe(
      "not_allowed",
    );
  });

  it("revokes the tokens of somebody who becomes a guest", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const program = kit.browser();
    program.bearer = (await ben.api.tokens.create({ label: "Backup" })).token;
    expect(await program.api.auth.me()).not.toBeNull();
    await owner.api.users.setRole({ userId: ben.me.id, role: "guest" });
    expect(await program.api.auth.me()).toBeNull();
    expect(await failureCode(ben.api.tokens.create({ label: "Again" }))).toBe("not_allowed");
    expect(await failureCode(ben.api.tokens.list())).toBe("not_allowed");
  });
});

describe("users.rename", () => {
  it("frees the old name and notifies everybody", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    expect(await failureCode(ben.api.users.rename({ name: "ANÁ" }))).toBe("name_taken");
    expect(await failureCode(ben.api.users.rename({ name: "Аdmin" }))).toBe("name_taken");
    expect((await ben.api.users.rename({ name: "BEN" })).name).toBe("BEN");
    kit.notices.length = 0;
    await ben.api.users.rename({ name: "Benjamin" });
    expect(kit.notices).toContainEqual({ type: "user_changed", userId: ben.me.id });
    expect((await ben.api.auth.me())?.name).toBe("Benjamin");
    await kit.member(owner, "Ben");
    expect(await failureCode(ben.api.users.rename({ name: "ben" }))).toBe("name_taken");
  });

  it("gives a name to only one of two people at the same moment", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const people = [await kit.member(owner, "Ben"), await kit.member(owner, "Cleo")];
    const codes = await Promise.all(people.map(({ api }) => failureCode(api.users.rename({ name: "Dana" }))));
    expect(codes.toSorted()).toEqual(["name_taken", undefined]);
  });
});

describe("users.deactivate", () => {
  it("ends sessions, tokens, bots and links, notifies others, and keeps the name taken", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const [program, bot] = [kit.browser(), kit.browser()];
    program.bearer = (await ben.api.tokens.create({ label: "Backup" })).token;
    bot.bearer = (await ben.api.tokens.create({ label: "Bot", bot: { name: "Robo" } })).token;
    const { url } = await owner.api.users.makeResetLink({ userId: ben.me.id });
    expect((await bot.api.auth.me())?.name).toBe("Robo");
    kit.notices.length = 0;

    const user = await owner.api.users.deactivate({ userId: ben.me.id });
    expect(user.deactivatedAt).not.toBeNull();
    for (const { api } of [ben, program, bot]) expect(await api.auth.me()).toBeNull();
    expect(kit.notices).toContainEqual({
      type: "session_ended",
      userId: ben.me.id,
      sessionId: null,
      tokenId: null,
      reason: "deactivated",
    });
    const signIn = kit.browser().api.auth.signIn({ name: "Ben", password: MEMBER_PASSWORD });
    expect(await failureCode(signIn)).toBe("bad_credentials");
    const token = url.split("#")[1] ?? "";
    const reset = kit.browser().api.auth.resetPassword({ token, password: "nine more kettles" });
    expect(await failureCode(reset)).toBe("reset_invalid");
    const { code } = await owner.api.invites.create({ role: "member" });
    const register = kit.browser().api.auth.register({
      invite: code,
      name: "ben",
      password: MEMBER_PASSWORD,
    });
    expect(await failureCode(register)).toBe("name_taken");
    expect(await failureCode(owner.api.users.deactivate({ userId: ben.me.id }))).toBeUndefined();
    expect(await failureCode(owner.api.users.makeResetLink({ userId: ben.me.id }))).toBe("not_allowed");
  });

  it("is for admins, and for owners if the target is an owner or admin", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
    await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
    const end = (by: Person, userId: UserId) => failureCode(by.api.users.deactivate({ userId }));
    expect(await end(ben, adam.me.id)).toBe("not_allowed");
    expect(await end(ben, newId<UserId>())).toBe("not_allowed");
    expect(await end(adam, owner.me.id)).toBe("not_allowed");
    expect(await end(adam, newId<UserId>())).toBe("not_found");
    expect(await end(adam, ben.me.id)).toBeUndefined();
  });
});

describe("users.makeResetLink", () => {
  it("sets a new password once, ends all sessions and keeps tokens", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const program = kit.browser();
    program.bearer = (await ben.api.tokens.create({ label: "Backup" })).token;
    const { url } = await owner.api.users.makeResetLink({ userId: ben.me.id });
    const token = /^https:\/\/chat\.example\.org\/reset#([\w-]{43})$/.exec(url)?.[1] ?? "";
    const weak = await failure(kit.browser().api.auth.resetPassword({ token, password: "short" }));
    expect(weak?.issues).toMatchObject([{ path: "password" }]);

    const fresh = kit.browser();
    const me = await fresh.api.auth.resetPassword({ token, password: "nine more kettles" });
    expect(me.id).toBe(ben.me.id);
    expect(await fresh.api.auth.me()).toEqual(me);
    expect(await ben.api.auth.me()).toBeNull();
    expect(await program.api.auth.me()).not.toBeNull();
    for (const bad of [token, "wrong"]) {
      const again = kit.browser().api.auth.resetPassword({ token: bad, password: "nine more kettles" });
      expect(await failureCode(again)).toBe("reset_invalid");
    }
    expect(await failureCode(kit.browser().api.auth.signIn({ name: "Ben", password: MEMBER_PASSWORD })))
      .toBe("bad_credentials");
  });

  it("creates links that end after an hour, and with a new link, role or password", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const make = async () =>
      (await owner.api.users.makeResetLink({ userId: ben.me.id })).url.split("#")[1] ?? "";
    const use = (token: string) =>
      failureCode(kit.browser().api.auth.resetPassword({ token, password: "nine more kettles" }));
    const old = await make();
    kit.advance(HOUR_MS);
    expect(await use(old)).toBe("reset_invalid");
    const first = await make();
    const second = await make();
    expect(await use(first)).toBe("reset_invalid");
    await owner.api.users.setRole({ userId: ben.me.id, role: "admin" });
    expect(await use(second)).toBe("reset_invalid");
    const third = await make();
    await ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: "fourteen kettles" });
    expect(await use(third)).toBe("reset_invalid");
    expect(await use(await make())).toBeUndefined();
  });

  it("is for admins, and for owners only if the target is an owner", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
    await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
    const make = (by: Person, userId: UserId) => failureCode(by.api.users.makeResetLink({ userId }));
    expect(await make(adam, owner.me.id)).toBe("not_allowed");
    expect(await make(adam, ben.me.id)).toBeUndefined();
    expect(await make(ben, ben.me.id)).toBe("not_allowed");
    expect(await make(owner, owner.me.id)).toBeUndefined();
    expect(await make(owner, newId<UserId>())).toBe("not_found");
    const signIn = kit.browser().api.auth.signIn({ name: "Ana", password: OWNER_PASSWORD });
    expect(await failureCode(signIn)).toBeUndefined();
  });
});
