import { describe, expect, it } from "vitest";
import { AccountKit, failure, failureCode } from "../../support/account_kit.ts";
import type { Browser, Person } from "../../support/account_kit.ts";
import { newId } from "../../../shared/ids.ts";
import type { TokenId } from "../../../shared/ids.ts";

async function programOf(kit: AccountKit, maker: Person, bot?: string): Promise<Browser & { id: TokenId }> {
  const input = { label: "Program", ...(bot === undefined ? {} : { bot: { name: bot } }) };
  const { id, token } = await maker.api.tokens.create(input);
  return Object.assign(kit.browser(), { bearer: token, id });
}

describe("tokens", () => {
  it("let a program act as its maker until revoked, which closes its connections", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const program = await programOf(kit, owner);
    expect(await program.api.auth.me()).toMatchObject({ id: owner.me.id, role: "owner", sessionId: null });
    expect(await owner.api.tokens.list()).toEqual([{
      id: program.id,
      label: "Program",
      createdAt: "2030-01-31T12:00:00.000Z",
      lastUsedAt: "2030-01-31T12:00:00.000Z",
      botName: null,
    }]);
    kit.notices.length = 0;
    await owner.api.tokens.revoke({ tokenId: program.id });
    expect(kit.notices).toEqual([{
      type: "session_ended",
      userId: owner.me.id,
      sessionId: null,
      tokenId: program.id,
      reason: "ended",
    }]);
    expect(await program.api.auth.me()).toBeNull();
    expect(await owner.api.tokens.list()).toEqual([]);
  });

  it("cannot create anything that would outlive them: no token and no reset link", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const program = await programOf(kit, owner);
    expect(await failureCode(program.api.tokens.create({ label: "More" }))).toBe("not_allowed");
    for (const userId of [owner.me.id, ben.me.id]) {
      expect(await failureCode(program.api.users.makeResetLink({ userId }))).toBe("not_allowed");
    }
    expect((await owner.api.users.makeResetLink({ userId: owner.me.id })).url).toContain("/reset#");
  });

  it("of a bot act as a separate user, which is in no room until it is added", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const bot = await programOf(kit, ben, "Robo");
    const me = await bot.api.auth.me();
    if (me === null) throw new Error("The bot must be signed in");
    expect(me).toMatchObject({ name: "Robo", role: "member" });
    expect(me.id).not.toBe(ben.me.id);
    expect((await owner.api.users.list()).items.find(({ id }) => id === me.id)?.isBot).toBe(true);
    expect(await kit.services.rooms.members.roomsOf(me.id)).toEqual([]);
    expect((await ben.api.tokens.list()).map(({ botName }) => botName)).toEqual(["Robo"]);
    expect(await failureCode(bot.api.tokens.create({ label: "More" }))).toBe("not_allowed");
    expect(await failureCode(owner.api.users.setRole({ userId: me.id, role: "admin" }))).toBe("not_allowed");
    expect(await failureCode(owner.api.users.makeResetLink({ userId: me.id }))).toBe("not_allowed");
  });

  it("of a bot can be replaced by its maker, but not made for another user's name", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const [first, second] = [await programOf(kit, ben, "Robo"), await programOf(kit, ben, "robo")];
    expect((await second.api.auth.me())?.id).toBe((await first.api.auth.me())?.id);
    await ben.api.tokens.revoke({ tokenId: first.id });
    expect(await first.api.auth.me()).toBeNull();
    expect(await second.api.auth.me()).not.toBeNull();
    const create = (person: Person, name: string) =>
      failureCode(person.api.tokens.create({ label: "Program", bot: { name } }));
    expect(await create(owner, "Rоbo")).toBe("name_taken");
    expect(await create(owner, "Ben")).toBe("name_taken");
  });

  it("can only be revoked by their maker, and end with the maker's account", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const bot = await programOf(kit, ben, "Robo");
    expect(await failureCode(owner.api.tokens.revoke({ tokenId: bot.id }))).toBe("not_found");
    expect(await failureCode(ben.api.tokens.revoke({ tokenId: newId<TokenId>() }))).toBe("not_found");
    const botId = (await bot.api.auth.me())?.id;
    if (botId === undefined) throw new Error("The bot must be signed in");
    await owner.api.users.deactivate({ userId: ben.me.id });
    expect(await bot.api.auth.me()).toBeNull();
    expect((await kit.services.users.find(botId))?.deactivatedAt).not.toBeNull();
  });

  it("end when their bot is deactivated by its maker or an admin", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const [ben, cleo] = [await kit.member(owner, "Ben"), await kit.member(owner, "Cleo")];
    const bot = await programOf(kit, ben, "Robo");
    const userId = (await bot.api.auth.me())?.id ?? owner.me.id;
    expect(await failureCode(cleo.api.users.deactivate({ userId }))).toBe("not_allowed");
    await ben.api.users.deactivate({ userId });
    expect(await bot.api.auth.me()).toBeNull();
    expect(await ben.api.tokens.list()).toEqual([]);
  });

  it("are limited to 20 per person, also when many are created at once", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const codes = await Promise.all(
      Array.from(
        { length: 25 },
        (_, index) => failureCode(owner.api.tokens.create({ label: `Program ${index}` })),
      ),
    );
    expect(codes.filter((code) => code === undefined)).toHaveLength(20);
    const tokens = await owner.api.tokens.list();
    expect(tokens).toHaveLength(20);
    await owner.api.tokens.revoke({ tokenId: tokens[0]?.id ?? newId<TokenId>() });
    expect(await failureCode(owner.api.tokens.create({ label: "Again" }))).toBeUndefined();
  });

  it("need a visible label", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    for (const label of ["", "  ", "a\nb", "x".repeat(81)]) {
      const error = await failure(owner.api.tokens.create({ label }));
      expect(error?.issues).toMatchObject([{ path: "label" }]);
    }
    const error = await failure(owner.api.tokens.create({ label: "Bot", bot: { name: "\u200b" } }));
    expect(error?.issues).toMatchObject([{ path: "bot.name" }]);
  });

  it("are not for guests, and make the server ignore the session cookie", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const gus = await kit.guest(owner, "Gus", await kit.room(owner, "Plans"));
    expect(await failureCode(gus.api.tokens.create({ label: "Program" }))).toBe("not_allowed");
    owner.browser.bearer = "wrong";
    expect(await owner.api.auth.me()).toBeNull();
  });
});
