import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { RowUpdates } from "../../../server/kv/row_updates.ts";
import { StatusBotStore } from "../../../server/auth/status_bot_store.ts";
import { UserStore } from "../../../server/auth/user_store.ts";
import type { UserId } from "../../../shared/ids.ts";
import type { User } from "../../../shared/user.ts";
import { AccountKit, failure, failureCode, OWNER_PASSWORD } from "../../support/account_kit.ts";

async function bots({ services }: AccountKit): Promise<User[]> {
  return (await services.users.list(50, null)).filter(({ isBot }) => isBot);
}

/** Takes the bot away, as in a workspace of an earlier version. */
async function forgetBot(kit: AccountKit): Promise<void> {
  const [bot] = await bots(kit);
  if (bot === undefined) throw new Error("There is no bot");
  const names = await Promise.all(["userName", "nameLook"].map((kind) => kit.db.list([kind], { limit: 50 })));
  const own = names.flat().filter(({ value }) => value === bot.id).map(({ key }) => key);
  expect(own).toHaveLength(2);
  await kit.db.commit({ deletes: [keys.statusBot(), keys.user(bot.id), ...own] });
}

/** The store of another instance on the same storage. */
function storeOn(kit: AccountKit): StatusBotStore {
  const { feed } = kit.services;
  const parts = { db: kit.db, feed, updates: new RowUpdates(), now: Date.now };
  return new StatusBotStore({ ...parts, users: new UserStore(parts) });
}

describe("the bot of the status page", () => {
  it("is made by setup, in the same commit, and seen as a bot of the server", async () => {
    await using kit = await AccountKit.open();
    expect(await bots(kit)).toEqual([]);
    const owner = await kit.owner();
    const id = await kit.services.statusBot.ensure();
    const bot = { id, name: "Status", role: "member", isBot: true, isBuiltIn: true, deactivatedAt: null };
    expect(await bots(kit)).toEqual([bot]);
    expect((await owner.api.users.list()).items).toContainEqual(bot);
    // It is in no room until one asks for it, so guests and lists of members do not have it.
    expect(await kit.services.rooms.members.roomsOf(id)).toEqual([]);
  });

  it("is made when it is first needed in older workspaces, once, by whichever instance", async () => {
    await using kit = await AccountKit.open();
    await kit.owner();
    await forgetBot(kit);
    expect(await bots(kit)).toEqual([]);
    const stores = [storeOn(kit), storeOn(kit), storeOn(kit)];
    const ids = await Promise.all(stores.flatMap((store) => [store.ensure(), store.ensure()]));
    expect(new Set(ids).size).toBe(1);
    expect(await bots(kit)).toMatchObject([{ id: ids[0], name: "Status" }]);
  });

  it("gives way to people who have its name", async () => {
    await using kit = await AccountKit.open();
    const token = await kit.services.setups.issue() ?? "";
    const { api } = kit.browser();
    await api.auth.setup({ token, name: "status", password: OWNER_PASSWORD });
    expect(await bots(kit)).toMatchObject([{ name: "Status bot" }]);
    const { code } = await api.invites.create({ role: "member", maxUses: 2 });
    const register = (name: string) =>
      kit.browser().api.auth.register({ invite: code, name, password: "nine blue kettles" });
    // Its own name is taken like any other.
    expect(await failureCode(register("Status Bot"))).toBe("name_taken");
    await forgetBot(kit);
    await register("Status Bot");
    await kit.services.statusBot.ensure();
    expect(await bots(kit)).toMatchObject([{ name: "Status bot 2" }]);
  });

  it("is nobody who could sign in, and cannot be changed, ended or written to", async () => {
    await using kit = await AccountKit.open();
    const { api } = await kit.owner();
    const userId: UserId = await kit.services.statusBot.ensure();
    const attempts = [
      () => api.users.deactivate({ userId }),
      () => api.users.setRole({ userId, role: "admin" }),
      () => api.users.makeResetLink({ userId }),
      () => api.rooms.openDirect({ userId }),
    ];
    for (const attempt of attempts) expect(await failureCode(attempt())).toBe("not_allowed");
    expect(await failureCode(api.tokens.create({ label: "x", bot: { name: "Status" } }))).toBe("name_taken");
    expect(await failureCode(kit.browser().api.auth.signIn({ name: "Status", password: OWNER_PASSWORD })))
      .toBe("bad_credentials");
    expect((await failure(api.rooms.openDirect({ userId })))?.message).toBe(
      "Nobody reads messages to this bot",
    );
    expect(await bots(kit)).toMatchObject([{ id: userId, name: "Status", deactivatedAt: null }]);
  });
});
