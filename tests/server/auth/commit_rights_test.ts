import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { AccountKit, failureCode, MEMBER_PASSWORD } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { RIGHTS_CACHE_MS } from "../../../shared/limits.ts";
import type { RoomId } from "../../../shared/ids.ts";

const NEXT_PASSWORD = "fourteen more kettles";

const tokenOf = (url: string) => url.split("#")[1] ?? "";

/** A workspace with an owner, an admin and a member. */
async function place() {
  const kit = await AccountKit.open();
  const owner = await kit.owner();
  const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
  await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
  const demote = (person: Person, role: "member" | "guest" = "member") =>
    kit.db.patch(keys.user(person.me.id), { role });
  const deactivate = (person: Person) =>
    kit.db.patch(keys.user(person.me.id), { deactivatedAt: "2030-01-31T12:00:00.000Z" });
  return {
    kit,
    owner,
    adam,
    ben,
    demote,
    deactivate,
    [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose](),
  };
}

type Place = Awaited<ReturnType<typeof place>>;

/** A private room with a guest invitation by one of its members. */
async function invited(kit: AccountKit, owner: Person, maker: Person) {
  const roomId = await kit.room(owner, "Vault", "private");
  await owner.api.rooms.addMember({ roomId, userId: maker.me.id });
  const { code } = await maker.api.invites.create({ role: "guest", roomId, maxUses: 2 });
  return { roomId, code };
}

describe("somebody who loses a right while the commit is prepared", () => {
  it("does not change the workspace", async () => {
    await using test = await place();
    const { kit, adam, demote } = test;
    kit.db.beforeCommit(keys.workspace(), () => demote(adam));
    expect(await failureCode(adam.api.workspace.update({ membersMayInvite: true }))).toBe("not_allowed");
    expect(kit.db.heldCount).toBe(1);
    expect((await adam.api.workspace.get()).membersMayInvite).toBe(false);
  });

  it("creates no room", async () => {
    await using test = await place();
    const { kit, ben, demote } = test;
    kit.db.beforeCommit(["room"], () => demote(ben, "guest"));
    expect(await failureCode(ben.api.rooms.create({ name: "Dock", kind: "public" }))).toBe("not_allowed");
    expect(kit.db.heldCount).toBe(1);
  });

  it("opens no direct room", async () => {
    await using test = await place();
    const { kit, owner, ben, demote } = test;
    kit.db.beforeCommit(["direct"], () => demote(ben, "guest"));
    expect(await failureCode(ben.api.rooms.openDirect({ userId: owner.me.id }))).toBe("not_allowed");
    expect(kit.db.heldCount).toBe(1);
  });

  it("opens no direct room with a deactivated person", async () => {
    await using test = await place();
    const { kit, adam, ben, deactivate } = test;
    kit.db.beforeCommit(["direct"], () => deactivate(adam));
    expect(await failureCode(ben.api.rooms.openDirect({ userId: adam.me.id }))).toBe("not_allowed");
    expect(kit.db.heldCount).toBe(1);
  });
});

describe("an invitation", () => {
  it("does not work once its maker is removed from the room, even during the commit", async () => {
    await using test = await place();
    const { kit, ben, owner } = test;
    const { roomId, code } = await invited(kit, owner, ben);
    kit.db.beforeCommit(
      ["inviteById"],
      () => kit.db.inner.commit({ deletes: [keys.member(roomId, ben.me.id)] }),
    );
    const joined = kit.browser().api.auth.joinAsGuest({ invite: code, name: "Gus" });
    expect(await failureCode(joined)).toBe("invite_invalid");
    expect(kit.db.heldCount).toBe(1);
  });

  it("does not work once members may not invite, even during the commit", async () => {
    await using test = await place();
    const { kit, ben, owner } = test;
    await owner.api.workspace.update({ membersMayInvite: true });
    const { code } = await ben.api.invites.create({ role: "member", maxUses: 1 });
    kit.db.beforeCommit(["inviteById"], () => kit.db.patch(keys.workspace(), { membersMayInvite: false }));
    const registered = kit.browser().api.auth.register({
      invite: code,
      name: "Cleo",
      password: NEXT_PASSWORD,
    });
    expect(await failureCode(registered)).toBe("invite_invalid");
    expect(kit.db.heldCount).toBe(1);
  });

  const ENDS: Readonly<Record<string, (test: Place, roomId: RoomId) => Promise<unknown>>> = {
    "its maker is removed": ({ kit, ben }, roomId) =>
      kit.db.inner.commit({ deletes: [keys.member(roomId, ben.me.id)] }),
    "its maker is a guest": ({ ben, demote }) => demote(ben, "guest"),
    "its maker is deactivated": ({ ben, deactivate }) => deactivate(ben),
    "it is revoked": async ({ kit, ben }) => {
      const invite = await kit.onlyInvite(ben);
      await kit.db.inner.commit({ deletes: [keys.inviteById(invite.id)] });
    },
  };

  it.each(Object.keys(ENDS))(
    "adds nobody to its room if, after the account was created, %s",
    async (name) => {
      await using test = await place();
      const { kit, ben, owner } = test;
      const { roomId, code } = await invited(kit, owner, ben);
      // After the account was created, but before it joins the room.
      kit.db.beforeCommit(["member"], async () => await ENDS[name]?.(test, roomId));
      const gus = kit.browser();
      const me = await gus.api.auth.joinAsGuest({ invite: code, name: "Gus" });
      expect(kit.db.heldCount).toBe(1);
      expect((await kit.services.rooms.members.membersAmong(roomId, [me.id])).size).toBe(0);
      // Nothing is left to retry.
      expect((await kit.db.get(keys.pendingRooms(me.id))).value).toBeNull();
    },
  );

  it("adds nobody after a crash if the inviter has been removed since", async () => {
    await using test = await place();
    const { kit, ben, owner } = test;
    const { roomId, code } = await invited(kit, owner, ben);
    kit.db.beforeCommit(["member"], () => Promise.reject(new Error("The process ends here")));
    const me = await kit.browser().api.auth.joinAsGuest({ invite: code, name: "Gus" });
    expect((await kit.db.get(keys.pendingRooms(me.id))).value).not.toBeNull();
    await owner.api.rooms.removeMember({ roomId, userId: ben.me.id });
    await kit.services.pendingRooms.joinAll();
    expect((await kit.services.rooms.members.membersAmong(roomId, [me.id])).size).toBe(0);
    expect((await kit.db.get(keys.pendingRooms(me.id))).value).toBeNull();
  });
});

describe("a new password", () => {
  const CHANGES: Readonly<Record<string, (test: Place) => Promise<() => Promise<unknown>>>> = {
    "a change of it": ({ ben }) =>
      Promise.resolve(() => ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: NEXT_PASSWORD })),
    "a reset link": async ({ kit, owner, ben }) => {
      const token = tokenOf((await owner.api.users.makeResetLink({ userId: ben.me.id })).url);
      return () => kit.browser().api.auth.resetPassword({ token, password: NEXT_PASSWORD });
    },
  };

  it.each(Object.keys(CHANGES))("ends the other sessions in its own commit: %s", async (name) => {
    await using test = await place();
    const { kit, ben } = test;
    const other = kit.browser();
    await other.api.auth.signIn({ name: "Ben", password: MEMBER_PASSWORD });
    expect((await other.api.auth.me())?.name).toBe("Ben");
    const change = await CHANGES[name]?.(test);
    kit.db.beforeCommit(keys.password(ben.me.id), () => {
      // The next commit of a session, after that of the password.
      const end = () => Promise.reject(new Error("The process ends here"));
      kit.db.beforeCommit(keys.sessionsOf(ben.me.id), end);
      return Promise.resolve();
    });
    await change?.().catch(() => {});
    kit.advance(RIGHTS_CACHE_MS + 1);
    const used = kit.browser().api.auth.signIn({ name: "Ben", password: MEMBER_PASSWORD });
    expect(await failureCode(used)).toBe("bad_credentials");
    expect(await other.api.auth.me()).toBeNull();
  });

  it("ends the reset link in the same commit, or fails", async () => {
    await using test = await place();
    const { kit, owner, ben } = test;
    const token = tokenOf((await owner.api.users.makeResetLink({ userId: ben.me.id })).url);
    kit.db.beforeCommit(keys.resetOf(ben.me.id), () => Promise.reject(new Error("The process ends here")));
    await expect(ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: NEXT_PASSWORD })).rejects
      .toThrow();
    expect(kit.db.heldCount).toBe(1);
    const signIn = kit.browser().api.auth.signIn({ name: "Ben", password: MEMBER_PASSWORD });
    expect(await failureCode(signIn)).toBeUndefined();
    await ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: NEXT_PASSWORD });
    const used = kit.browser().api.auth.resetPassword({ token, password: "nine more kettles" });
    expect(await failureCode(used)).toBe("reset_invalid");
  });

  it("ends a reset link made at the same moment", async () => {
    await using test = await place();
    const { kit, ben } = test;
    kit.db.beforeCommit(
      keys.password(ben.me.id),
      () => kit.db.inner.commit({ sets: [[keys.resetOf(ben.me.id), "hash"], [keys.reset("hash"), {}]] }),
    );
    await ben.api.auth.changePassword({ current: MEMBER_PASSWORD, next: NEXT_PASSWORD });
    expect(kit.db.heldCount).toBe(1);
    expect((await kit.db.get(keys.reset("hash"))).value).toBeNull();
  });
});
