import { describe, expect, it } from "vitest";
import { TOKEN_CREATE_RATE, TOKENS_PER_USER_COUNT } from "../../../shared/limits.ts";
import { AccountKit, failureCode, MEMBER_PASSWORD } from "../../support/account_kit.ts";
import type { Browser, Person } from "../../support/account_kit.ts";
import type { TokenId, UserId } from "../../../shared/ids.ts";

const HOUR_MS = 3_600_000;

interface Bot extends Browser {
  readonly tokenId: TokenId;
  readonly userId: UserId;
}

async function botOf(kit: AccountKit, maker: Person, name: string): Promise<Bot> {
  const { id, token } = await maker.api.tokens.create({ label: "Program", bot: { name } });
  const browser = Object.assign(kit.browser(), { bearer: token });
  const me = await browser.api.auth.me();
  if (me === null) throw new Error("The bot must be signed in");
  return Object.assign(browser, { tokenId: id, userId: me.id });
}

describe("tokens of people", () => {
  it("cannot manage tokens, so that nothing survives their revocation", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const { id, token } = await owner.api.tokens.create({ label: "Program" });
    const program = Object.assign(kit.browser(), { bearer: token });
    expect((await program.api.auth.me())?.role).toBe("owner");
    for (
      const call of [
        () => program.api.tokens.create({ label: "More" }),
        () => program.api.tokens.create({ label: "More", bot: { name: "Robo" } }),
        () => program.api.tokens.list(),
        () => program.api.tokens.revoke({ tokenId: id }),
      ]
    ) expect(await failureCode(call())).toBe("not_allowed");
    expect((await owner.api.tokens.list()).map((row) => row.id)).toEqual([id]);
  });
});

describe("bots", () => {
  it("end with their last token, in the same commit, and not before", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const [first, second] = [await botOf(kit, ben, "Robo"), await botOf(kit, ben, "Robo")];
    expect(second.userId).toBe(first.userId);
    await ben.api.tokens.revoke({ tokenId: first.tokenId });
    expect((await kit.services.users.find(first.userId))?.deactivatedAt).toBeNull();
    kit.notices.length = 0;
    await ben.api.tokens.revoke({ tokenId: second.tokenId });
    expect((await kit.services.users.find(first.userId))?.deactivatedAt).not.toBeNull();
    expect(kit.notices).toEqual([
      { type: "user_changed", userId: first.userId },
      {
        type: "session_ended",
        userId: first.userId,
        sessionId: null,
        tokenId: null,
        reason: "deactivated",
      },
    ]);
    expect(await second.api.auth.me()).toBeNull();
  });

  it("that have ended stay in the lists of people and of rooms, marked like people who have left", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const robo = await botOf(kit, owner, "Robo");
    const roomId = await kit.room(owner, "Dock", "private");
    await owner.api.rooms.addMember({ roomId, userId: robo.userId });
    await owner.api.tokens.revoke({ tokenId: robo.tokenId });
    const gone = { id: robo.userId, name: "Robo", isBot: true, deactivatedAt: expect.any(String) };
    expect((await owner.api.users.list()).items).toContainEqual(expect.objectContaining(gone));
    const members = (await owner.api.rooms.members({ roomId })).items.map(({ user }) => user);
    expect(members).toContainEqual(expect.objectContaining(gone));
    // And are brought in nowhere any more.
    const general = (await owner.api.rooms.list()).find(({ name }) => name === "General")?.id ?? "" as never;
    expect(await failureCode(owner.api.rooms.addMember({ roomId: general, userId: robo.userId })))
      .toBe("not_allowed");
  });

  it("free their name, and whoever takes it keeps it", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const robo = await botOf(kit, ben, "Robo");
    const rename = (person: Person) => failureCode(person.api.users.rename({ name: "Robo" }));
    expect(await rename(ben)).toBe("name_taken");
    await ben.api.tokens.revoke({ tokenId: robo.tokenId });
    expect(await rename(ben)).toBeUndefined();
    expect(await failureCode(owner.api.users.deactivate({ userId: robo.userId }))).toBeUndefined();
    expect(await rename(owner)).toBe("name_taken");
    const signIn = kit.browser().api.auth.signIn({ name: "Robo", password: MEMBER_PASSWORD });
    expect((await signIn).id).toBe(ben.me.id);
  });

  it("are new accounts when created again, and end with the rights of their maker", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const before = await botOf(kit, ben, "Robo");
    await ben.api.tokens.revoke({ tokenId: before.tokenId });
    const after = await botOf(kit, ben, "Robo");
    expect(after.userId).not.toBe(before.userId);
    await owner.api.users.setRole({ userId: ben.me.id, role: "guest" });
    expect((await kit.services.users.find(after.userId))?.deactivatedAt).not.toBeNull();
    expect(await failureCode(owner.api.users.rename({ name: "Robo" }))).toBeUndefined();
  });

  it("are limited to 20 per maker and a few per hour, also when tokens are replaced", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const ben = await kit.member(owner, "Ben");
    const made: Bot[] = [];
    for (let index = 0; index < TOKENS_PER_USER_COUNT; index++) {
      made.push(await botOf(kit, ben, `Robo ${index}`));
    }
    const create = (name: string) => failureCode(ben.api.tokens.create({ label: "Program", bot: { name } }));
    expect(await create("One more")).toBe("not_allowed");
    let count = made.length + 1;
    for (; count < TOKEN_CREATE_RATE.burst; count++) {
      const bot = made.shift();
      if (bot === undefined) throw new Error("There must be a bot left");
      await ben.api.tokens.revoke({ tokenId: bot.tokenId });
      made.push(await botOf(kit, ben, `Robo ${count}`));
    }
    expect(await create("Too fast")).toBe("rate_limited");
    kit.advance(HOUR_MS);
    const active = (await kit.services.users.list(200, null)).filter((user) =>
      user.isBot && !user.isBuiltIn && user.deactivatedAt === null
    );
    expect(active).toHaveLength(TOKENS_PER_USER_COUNT);
    expect(await create("One more")).toBe("not_allowed");
    for (const { tokenId } of made) await ben.api.tokens.revoke({ tokenId });
    const left = (await kit.services.users.list(200, null)).filter((user) =>
      user.isBot && !user.isBuiltIn && user.deactivatedAt === null
    );
    expect(left).toEqual([]);
  });

  it("cannot prevent revocation by changing themselves all the time", async () => {
    await using kit = await AccountKit.open();
    const owner = await kit.owner();
    const robo = await botOf(kit, owner, "Robo");
    const renames = Array.from(
      { length: 60 },
      (_, index) => failureCode(robo.api.users.rename({ name: `Robo ${index}` })),
    );
    await owner.api.tokens.revoke({ tokenId: robo.tokenId });
    await Promise.all(renames);
    expect((await kit.services.users.find(robo.userId))?.deactivatedAt).not.toBeNull();
    const names = await Promise.all(
      Array.from({ length: 60 }, (_, index) => kit.services.users.findByName(`Robo ${index}`)),
    );
    expect(names.every((user) => user === null)).toBe(true);
  });
});
