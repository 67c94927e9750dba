import { describe, expect, it } from "vitest";
import { createAccountServices } from "../../../server/account_services.ts";
import { AccountKit, failure, failureCode, MEMBER_PASSWORD } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId } from "../../../shared/ids.ts";

const DAY_MS = 86_400_000;

async function generalOf(kit: AccountKit): Promise<RoomId> {
  const general = await kit.services.rooms.general();
  if (general === null) throw new Error("There must be a room of all");
  return general;
}

/** All stored texts, to search for secrets. */
async function storedTexts(kit: AccountKit, prefix: Deno.KvKey): Promise<string> {
  return JSON.stringify(await kit.services.db.list(prefix, { limit: 1000 }));
}

describe("invites", () => {
  it("add a member to the general room and to the room they name", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Plans", "private");
    const { code, url } = await owner.api.invites.create({ role: "member", roomId });
    expect(url).toBe(`https://chat.example.org/join#${code}`);
    expect(code).toMatch(/^[\w-]{22}$/);
    const browser = kit.browser();
    expect(await browser.api.invites.preview({ invite: code }))
      .toEqual({ workspaceName: "Parley", role: "member", roomName: "Plans" });
    const me = await browser.api.auth.register({ invite: code, name: "Ben", password: MEMBER_PASSWORD });
    expect(await kit.services.rooms.members.roomsOf(me.id)).toHaveLength(2);
    expect(await kit.onlyInvite(owner)).toMatchObject({ uses: 1, maxUses: 10, roomId, by: owner.me.id });
    expect(await storedTexts(kit, [])).not.toContain(code);
  });

  it("add a guest only to the room they name", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await kit.room(owner, "Plans");
    const gus = await kit.guest(owner, "Gus", roomId);
    expect(gus.me.role).toBe("guest");
    expect(await kit.services.rooms.members.roomsOf(gus.me.id)).toEqual([roomId]);
  });

  it("get the same answer whether wrong, expired, used up, revoked or of the other kind", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const invite = (options: { maxUses?: number; expiresInMs?: number } = {}) =>
      owner.api.invites.create({ role: "member", ...options });
    const [over, usedUp, revoked] = [
      await invite({ expiresInMs: 1000 }),
      await invite({ maxUses: 1 }),
      await invite(),
    ];
    await kit.browser().api.auth.register({ invite: usedUp.code, name: "Ben", password: MEMBER_PASSWORD });
    await owner.api.invites.revoke({ inviteId: revoked.id });
    kit.advance(1000);
    const guests = await owner.api.invites.create({ role: "guest", roomId: await generalOf(kit) });
    const answers: unknown[] = [];
    for (const code of ["wrong", over.code, usedUp.code, revoked.code, guests.code]) {
      const browser = kit.browser();
      const input = { invite: code, name: "Eve", password: MEMBER_PASSWORD };
      answers.push(await failure(browser.api.auth.register(input)));
      if (code !== guests.code) answers.push(await failure(browser.api.invites.preview({ invite: code })));
    }
    expect(answers[0]).toMatchObject({ appCode: "invite_invalid" });
    expect(answers).toEqual(answers.map(() => answers[0]));
  });

  it("count every use once when 50 people join at the same moment", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const roomId = await generalOf(kit);
    const { code } = await owner.api.invites.create({ role: "guest", roomId, maxUses: 7 });
    const codes = await Promise.all(Array.from({ length: 50 }, (_, index) => {
      return failureCode(kit.browser().api.auth.joinAsGuest({ invite: code, name: `Guest ${index}` }));
    }));
    expect(codes.filter((code) => code === undefined)).toHaveLength(7);
    expect(codes.filter((code) => code === "invite_invalid")).toHaveLength(43);
    const guests = (await kit.services.users.list(100, null)).filter(({ role }) => role === "guest");
    expect(guests).toHaveLength(7);
  });

  it("count every use once across two instances", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { code } = await owner.api.invites.create({
      role: "guest",
      roomId: await generalOf(kit),
      maxUses: 5,
    });
    const { db, feed, log, rooms } = kit.services;
    const now = () => Date.parse("2030-01-31T12:00:00Z");
    const others = Array.from(
      { length: 4 },
      () => createAccountServices({ db, feed, log, rooms, publicUrl: () => "", now }),
    );
    const codes = await Promise.all(Array.from({ length: 20 }, (_, index) => {
      const registrations = others[index % 4]?.registrations ?? kit.services.registrations;
      return failureCode(registrations.redeem({
        code,
        role: "guest",
        name: `Guest ${index}`,
        passwordHash: null,
        userAgent: "",
      }));
    }));
    for (const { accounts } of others) accounts.close();
    expect(codes.filter((code) => code === undefined)).toHaveLength(5);
  });

  it("give a name to only one of two people at the same moment", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { code } = await owner.api.invites.create({ role: "member" });
    const codes = await Promise.all(
      ["Cleo", "CLEO", "Сleо"].map((name) =>
        failureCode(kit.browser().api.auth.register({ invite: code, name, password: MEMBER_PASSWORD }))
      ),
    );
    expect(codes.toSorted()).toEqual(["name_taken", "name_taken", undefined]);
    expect((await kit.onlyInvite(owner)).uses).toBe(1);
  });

  it("allow 10 wrong codes in 10 minutes from one address, and any number of right ones", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { code } = await owner.api.invites.create({ role: "member" });
    const browser = kit.browser();
    for (let round = 0; round < 20; round++) await browser.api.invites.preview({ invite: code });
    const wrong = await Promise.all(
      Array.from(
        { length: 15 },
        (_, index) => failureCode(browser.api.invites.preview({ invite: `wrong ${index}` })),
      ),
    );
    expect(wrong.filter((code) => code === "invite_invalid")).toHaveLength(10);
    expect(wrong.filter((code) => code === "rate_limited")).toHaveLength(5);
    expect(await failureCode(browser.api.invites.preview({ invite: code }))).toBe("rate_limited");
    expect(await failureCode(kit.browser().api.invites.preview({ invite: code }))).toBeUndefined();
    kit.advance(60_000);
    expect(await failureCode(browser.api.invites.preview({ invite: code }))).toBeUndefined();
  });

  it("let 60 people join from one address per hour", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { code } = await owner.api.invites.create({
      role: "guest",
      roomId: await generalOf(kit),
      maxUses: 1000,
    });
    const browser = kit.browser();
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 61; index++) {
      codes.push(await failureCode(browser.api.auth.joinAsGuest({ invite: code, name: `Guest ${index}` })));
    }
    expect(codes.slice(0, 60).every((code) => code === undefined)).toBe(true);
    expect(codes[60]).toBe("rate_limited");
  });

  it("depend on the maker's rights at the moment of use", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    await owner.api.workspace.update({ membersMayInvite: true });
    const { code } = await ben.api.invites.create({ role: "member" });
    const preview = () => failureCode(kit.browser().api.invites.preview({ invite: code }));
    expect(await preview()).toBeUndefined();
    await owner.api.workspace.update({ membersMayInvite: false });
    expect(await preview()).toBe("invite_invalid");
    await owner.api.users.setRole({ userId: ben.me.id, role: "admin" });
    expect(await preview()).toBeUndefined();
    await owner.api.users.deactivate({ userId: ben.me.id });
    expect(await preview()).toBe("invite_invalid");
  });

  it("expire, even if the clock steps back", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { code } = await owner.api.invites.create({ role: "member" });
    const preview = () => failureCode(kit.browser().api.invites.preview({ invite: code }));
    kit.advance(7 * DAY_MS - 1);
    expect(await preview()).toBeUndefined();
    kit.advance(1);
    expect(await preview()).toBe("invite_invalid");
    expect(await owner.api.invites.list()).toEqual([]);
  });
});

describe("invites.create", () => {
  it("lets members invite guests to their rooms, and members only if the workspace allows it", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const cleo = await kit.member(owner, "Cleo");
    const general = await generalOf(kit);
    const [open, closed] = [await kit.room(cleo, "Open"), await kit.room(cleo, "Closed", "private")];
    const create = (person: Person, role: "member" | "guest", roomId?: RoomId) =>
      failureCode(person.api.invites.create({ role, ...(roomId === undefined ? {} : { roomId }) }));
    expect(await create(ben, "guest", general)).toBeUndefined();
    expect(await create(ben, "guest")).toBe("invalid_input");
    expect(await create(ben, "guest", open)).toBe("not_allowed");
    expect(await create(ben, "guest", closed)).toBe("not_found");
    expect(await create(ben, "guest", newId<RoomId>())).toBe("not_found");
    expect(await create(ben, "member")).toBe("not_allowed");
    expect(await create(owner, "guest", open)).toBeUndefined();
    expect(await create(owner, "guest", closed)).toBe("not_found");
    await owner.api.workspace.update({ membersMayInvite: true });
    expect(await create(ben, "member")).toBeUndefined();
    const gus = await kit.guest(ben, "Gus", general);
    expect(await create(gus, "guest", general)).toBe("not_allowed");
    expect(await failureCode(gus.api.invites.list())).toBe("not_allowed");
  });

  it("lists members their own and admins all, and lets them revoke those", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const general = await generalOf(kit);
    const mine = await owner.api.invites.create({ role: "member" });
    const his = await ben.api.invites.create({ role: "guest", roomId: general });
    expect((await ben.api.invites.list()).map(({ id }) => id)).toEqual([his.id]);
    expect((await owner.api.invites.list()).map(({ id }) => id).toSorted()).toEqual(
      [mine.id, his.id].toSorted(),
    );
    expect(await failureCode(ben.api.invites.revoke({ inviteId: mine.id }))).toBe("not_found");
    await owner.api.invites.revoke({ inviteId: his.id });
    expect(await ben.api.invites.list()).toEqual([]);
  });

  it("allows 20 per hour", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    for (let index = 0; index < 20; index++) await owner.api.invites.create({ role: "member" });
    expect(await failureCode(owner.api.invites.create({ role: "member" }))).toBe("rate_limited");
  });
});
