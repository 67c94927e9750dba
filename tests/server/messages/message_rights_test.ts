import { describe, expect, it } from "vitest";
import type { RoomId, TokenId, UserId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { AccountKit, failureCode } from "../../support/account_kit.ts";
import type { Person } from "../../support/account_kit.ts";

interface Talk {
  readonly kit: AccountKit;
  readonly roomId: RoomId;
  readonly owner: Person;
  /** An admin in the room, whom the owner makes less meanwhile. */
  readonly adam: Person;
  readonly ben: Person;
}

async function talk(kit: AccountKit): Promise<Talk> {
  const owner = await kit.owner();
  const [adam, ben] = [await kit.member(owner, "Adam"), await kit.member(owner, "Ben")];
  await owner.api.users.setRole({ userId: adam.me.id, role: "admin" });
  const roomId = await kit.room(owner, "Dock");
  for (const { me } of [adam, ben]) await owner.api.rooms.addMember({ roomId, userId: me.id });
  return { kit, roomId, owner, adam, ben };
}

let messageCount = 0;

const send = ({ api }: Person, roomId: RoomId, text = "Hello") =>
  api.messages.send({ roomId, clientMessageId: `m${++messageCount}`, text });

/** What Adam does with a message of his. */
const ACTS: Readonly<Record<string, (talk: Talk, offset: number) => Promise<unknown>>> = {
  send: ({ adam, roomId }) => send(adam, roomId),
  edit: ({ adam, roomId }, offset) => adam.api.messages.edit({ roomId, offset, text: "Changed" }),
  delete: ({ adam, roomId }, offset) => adam.api.messages.delete({ roomId, offset }),
  react: ({ adam, roomId }, offset) =>
    adam.api.messages.react({ roomId, offset, emoji: "\u{1f44d}", on: true }),
};

/** What ends a bot with its maker, as far as the one commit goes: the process may end before the bot's own. */
const MAKER_ENDS: Readonly<
  Record<string, (kit: AccountKit, owner: Person, ben: Person) => Promise<unknown>>
> = {
  "is deactivated": ({ services }, owner, ben) => services.users.deactivate(ben.me.id, owner.me.id),
  "becomes a guest": ({ services }, owner, ben) => services.users.setRole(ben.me.id, "guest", owner.me.id),
};

async function botOf(kit: AccountKit, maker: Person): Promise<{ bot: Person; tokenId: TokenId }> {
  const { id: tokenId, token } = await maker.api.tokens.create({ label: "Build", bot: { name: "Builder" } });
  const browser = kit.browser();
  browser.bearer = token;
  const me = await browser.api.auth.me();
  if (me === null) throw new Error("The bot is not there");
  return { bot: { browser, api: browser.api, me }, tokenId };
}

/** How many events of a room are by somebody. */
async function countBy({ kit, roomId }: Talk, userId: UserId): Promise<number> {
  const { rows } = await kit.services.roomLog.read(roomId, 0, 500);
  return rows.filter(({ row }) => row.by === userId).length;
}

describe("messages", () => {
  it.each(Object.keys(ACTS))(
    "of who is deactivated while the commit is put together are not stored: %s",
    async (name) => {
      await using kit = await AccountKit.open();
      const test = await talk(kit);
      const { adam, owner, roomId } = test;
      const { offset } = await send(adam, roomId);
      // Known by now, so that the check alone tells.
      await send(adam, roomId);
      const before = await countBy(test, adam.me.id);
      kit.db.beforeCommit(keys.events(roomId), () => owner.api.users.deactivate({ userId: adam.me.id }));
      expect(await failureCode(ACTS[name]?.(test, offset) ?? Promise.resolve())).toBe("unauthenticated");
      expect(kit.db.heldCount).toBe(1);
      expect(await countBy(test, adam.me.id)).toBe(before);
    },
  );

  it("of others stay when who deletes them loses the role while the commit is put together", async () => {
    await using kit = await AccountKit.open();
    const { adam, ben, owner, roomId } = await talk(kit);
    const [first, second] = [await send(ben, roomId), await send(ben, roomId)];
    await adam.api.messages.delete({ roomId, offset: first.offset });
    kit.db.beforeCommit(
      keys.events(roomId),
      () => owner.api.users.setRole({ userId: adam.me.id, role: "member" }),
    );
    const deleted = adam.api.messages.delete({ roomId, offset: second.offset });
    expect(await failureCode(deleted)).toBe("not_allowed");
    expect(kit.db.heldCount).toBe(1);
    expect((await ben.api.messages.list({ roomId })).messages.at(-1)?.text).toBe("Hello");
  });

  it("of a bot whose last token is taken meanwhile are not stored", async () => {
    await using kit = await AccountKit.open();
    const { ben, roomId } = await talk(kit);
    const { bot, tokenId } = await botOf(kit, ben);
    await bot.api.rooms.join({ roomId });
    await send(bot, roomId);
    kit.db.beforeCommit(keys.events(roomId), () => ben.api.tokens.revoke({ tokenId }));
    expect(await failureCode(send(bot, roomId))).toBe("unauthenticated");
    expect(kit.db.heldCount).toBe(1);
  });

  it.each(Object.keys(MAKER_ENDS))(
    "of a bot are not stored once its maker %s, even during the commit",
    async (name) => {
      await using kit = await AccountKit.open();
      const { owner, ben, roomId } = await talk(kit);
      const { bot } = await botOf(kit, ben);
      await bot.api.rooms.join({ roomId });
      const { offset } = await send(bot, roomId);
      kit.db.beforeCommit(keys.events(roomId), async () => await MAKER_ENDS[name]?.(kit, owner, ben));
      expect(await failureCode(send(bot, roomId))).toBe("unauthenticated");
      expect(kit.db.heldCount).toBe(1);
      expect((await kit.services.roomLog.head(roomId)).offset).toBe(offset);
      // Nor is anything later, though the bot's own account has not ended yet.
      expect((await kit.services.users.find(bot.me.id))?.deactivatedAt).toBeNull();
      expect(await failureCode(bot.api.auth.sessions())).toBe("unauthenticated");
    },
  );

  it.each(Object.keys(MAKER_ENDS))("do not let a bot into a room while its maker %s", async (name) => {
    await using kit = await AccountKit.open();
    const { owner, ben, roomId } = await talk(kit);
    const { bot } = await botOf(kit, ben);
    kit.db.beforeCommit(keys.events(roomId), async () => await MAKER_ENDS[name]?.(kit, owner, ben));
    expect(await failureCode(bot.api.rooms.join({ roomId }))).toBe("unauthenticated");
    expect(kit.db.heldCount).toBe(1);
  });

  it("of who is given a role meanwhile are judged by it", async () => {
    await using kit = await AccountKit.open();
    const { adam, ben, owner, roomId } = await talk(kit);
    const { offset } = await send(owner, roomId);
    await send(ben, roomId);
    expect(await failureCode(ben.api.messages.delete({ roomId, offset }))).toBe("not_allowed");
    await owner.api.users.setRole({ userId: ben.me.id, role: "admin" });
    expect(await failureCode(ben.api.messages.delete({ roomId, offset }))).toBeUndefined();
    expect(adam.me.role).toBe("member");
  });

  it("of many people go in one commit, whose rights are one check", async () => {
    await using kit = await AccountKit.open();
    const test = await talk(kit);
    const { roomId, owner, adam, ben } = test;
    const people = [
      owner,
      adam,
      ben,
      ...await Promise.all(["Cleo", "Dora", "Emil", "Finn", "Gina", "Hugo", "Ida", "Jan"]
        .map((name) => kit.member(owner, name))),
    ];
    for (const { me } of people) await kit.services.rooms.members.join({ roomId, userId: me.id });
    for (const person of people) await send(person, roomId);
    let commitCount = 0;
    const count = () => {
      commitCount++;
      kit.db.beforeCommit(keys.events(roomId), count);
      return Promise.resolve();
    };
    kit.db.beforeCommit(keys.events(roomId), count);
    await Promise.all(people.map(({ me: { id: userId, role } }, index) => {
      const message = { roomId, clientMessageId: `n${index}`, text: "Hello", replyTo: null };
      return kit.services.messages.send({ userId, role, isBot: false }, message);
    }));
    expect(commitCount).toBe(1);
  });
});
