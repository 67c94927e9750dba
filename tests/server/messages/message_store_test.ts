import { describe, expect, it } from "vitest";
import type { Role } from "../../../shared/user.ts";
import type { UserId } from "../../../shared/ids.ts";
import { keys } from "../../../server/kv/keys.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";

function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => "ok", (error) => error.appCode);
}

describe.each([["memory"], ["file"]] as const)("messages on %s", (kind) => {
  it("POST1 sends once for an id: a retry gives the message as it is by now, whatever its text", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const copies = await Promise.all(
      Array.from({ length: 8 }, (_, index) => kit.send(ana, roomId, `text ${index}`, "same")),
    );
    const [first] = copies;
    expect(new Set(copies.map((copy) => JSON.stringify(copy))).size).toBe(1);
    expect(first).toMatchObject({ text: "text 0", by: ana.userId, clientMessageId: "same", offset: 3 });
    expect(await kit.send(ben, roomId, "mine", "same")).toMatchObject({ text: "mine", by: ben.userId });
    const ref = { roomId, offset: 3 };
    const edited = await kit.services.messages.edit(ana, ref, "changed");
    expect(await kit.send(ana, roomId, "again", "same")).toEqual(edited);
    const tombstone = await kit.services.messages.delete(ana, ref);
    expect(await kit.send(ana, roomId, "again", "same")).toEqual(tombstone);
    await using restarted = await kit.again();
    expect(await restarted.send(ana, roomId, "after a restart", "same")).toEqual(tombstone);
    expect((await kit.services.roomLog.head(roomId)).messageCount).toBe(2);
  });

  it("POST2 checks rights, then the id, then the state of the room", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben, cleo] = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
    const roomId = await kit.room(ana, { with: [ben] });
    const first = await kit.send(ben, roomId, "first", "id");
    const { messages, rooms } = kit.services;
    const reply = { roomId, clientMessageId: "id", text: "reply", replyTo: 999 };
    expect(await messages.send(ben, reply)).toEqual(first);
    expect(await codeOf(messages.send(ben, { ...reply, clientMessageId: "new" }))).toBe("invalid_input");
    await rooms.update({ roomId, isArchived: true, by: ana.userId });
    expect(await kit.send(ben, roomId, "retry", "id")).toEqual(first);
    expect(await codeOf(kit.send(ben, roomId, "new"))).toBe("room_archived");
    expect(await codeOf(kit.send(cleo, roomId, "new", "id"))).toBe("not_allowed");
    await rooms.members.leave({ roomId, userId: ben.userId });
    expect(await codeOf(kit.send(ben, roomId, "retry", "id"))).toBe("not_allowed");
  });

  it("POST3 edits the text of one's own messages only, and says when", async () => {
    await using kit = await ChatKit.open(kind);
    const owner = await kit.person("Olga", "owner");
    const ben = await kit.person("Ben");
    const roomId = await kit.room(owner, { with: [ben] });
    const { offset } = await kit.send(ben, roomId, "tpyo");
    const { messages, roomLog } = kit.services;
    expect(await codeOf(messages.edit(owner, { roomId, offset }, "typo"))).toBe("not_allowed");
    kit.clock.now += 60_000;
    const edited = await messages.edit(ben, { roomId, offset }, "typo");
    expect(edited).toMatchObject({ text: "typo", editedAt: "2030-01-31T12:01:00.000Z", offset });
    const { offset: head } = await roomLog.head(roomId);
    expect(await messages.edit(ben, { roomId, offset }, "typo")).toEqual(edited);
    expect((await roomLog.head(roomId)).offset).toBe(head);
    expect(await codeOf(messages.edit(ben, { roomId, offset: head }, "an event, no message"))).toBe(
      "not_found",
    );
    await messages.delete(ben, { roomId, offset });
    expect(await codeOf(messages.edit(ben, { roomId, offset }, "back"))).toBe("not_found");
  });

  it("POST4 leaves a tombstone that holds nothing of what was said, in no row", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const { offset } = await kit.send(ana, roomId, "top-secret for @Ben");
    const { messages, db } = kit.services;
    await messages.react(ben, { roomId, offset, emoji: "👍", on: true });
    const tombstone = await messages.delete(ana, { roomId, offset });
    expect(tombstone).toMatchObject({ text: "", mentions: [], reactions: [] });
    expect(tombstone.deletedAt).not.toBeNull();
    expect(await messages.delete(ana, { roomId, offset })).toEqual(tombstone);
    expect(await codeOf(messages.react(ben, { roomId, offset, emoji: "👍", on: true }))).toBe("not_found");
    for (const prefix of [keys.messages(roomId), keys.events(roomId), keys.mentions(ben.userId, roomId)]) {
      const rows = await db.list<unknown>(prefix, { limit: 100 });
      expect(JSON.stringify(rows.map(({ value }) => value))).not.toContain("secret");
    }
    expect(await db.list(keys.mentions(ben.userId, roomId), { limit: 10 })).toEqual([]);
  });

  it("POST5 resolves mentions of members at send and again at edit", async () => {
    await using kit = await ChatKit.open(kind);
    const [ana, ben] = [await kit.person("Ana Lee"), await kit.person("Ben")];
    await kit.person("Outsider");
    const roomId = await kit.room(ana, { with: [ben] });
    const message = await kit.send(ana, roomId, "@ben @Outsider @ana lee @nobody");
    expect(message.mentions).toEqual([ben.userId, ana.userId]);
    const edited = await kit.services.messages.edit(ana, { roomId, offset: message.offset }, "@Ana Lee");
    expect(edited.mentions).toEqual([ana.userId]);
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 1, mentions: 0 });
    await kit.services.messages.edit(ana, { roomId, offset: message.offset }, "well, @Ben");
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 1, mentions: 1 });
    expect(await kit.summary(ana, roomId)).toMatchObject({ mentions: 0 });
  });
});

describe("reactions", () => {
  it("POST6 are set and taken back once, in the order of the first choice", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const { offset } = await kit.send(ana, roomId, "well?");
    const react = (who: Somebody, emoji: string, on: boolean) =>
      kit.services.messages.react(who, { roomId, offset, emoji, on });
    await Promise.all([react(ana, "👍", true), react(ben, "👍", true), react(ben, "🎉", true)]);
    const { offset: head } = await kit.services.roomLog.head(roomId);
    expect((await react(ben, "🎉", true)).reactions).toEqual([
      { emoji: "👍", userIds: [ana.userId, ben.userId] },
      { emoji: "🎉", userIds: [ben.userId] },
    ]);
    expect((await kit.services.roomLog.head(roomId)).offset).toBe(head);
    expect((await react(ana, "👍", false)).reactions).toEqual([
      { emoji: "👍", userIds: [ben.userId] },
      { emoji: "🎉", userIds: [ben.userId] },
    ]);
    await react(ben, "👍", false);
    expect((await react(ben, "🎉", false)).reactions).toEqual([]);
    expect((await react(ben, "🎉", false)).reactions).toEqual([]);
  });

  it("POST7 take 20 emoji a message and 500 people an emoji, then no more, and lose none on the way", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const { offset } = await kit.send(ana, roomId, "x".repeat(4_000));
    const { messages, messageReader, rooms: { access } } = kit.services;
    const emoji = [..."😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍🤩😘😗😚😙"];
    for (const one of emoji) await messages.react(ana, { roomId, offset, emoji: one, on: true });
    expect(await codeOf(messages.react(ana, { roomId, offset, emoji: "👻", on: true }))).toBe("too_large");
    const people = Array.from({ length: 500 }, (_, index) => memberOf(`person${index}`));
    await kit.services.db.commit({
      sets: people.map(({ userId: id, ...rest }) =>
        [["user", id], { id, ...rest, deactivatedAt: null }] as const
      ),
    });
    // Only the reactions are under test: making 500 memberships would take a second.
    const member = { row: (await access.row(roomId)) as never, member: { role: "member", joinedAt: "" } };
    access.require = () => Promise.resolve(member as never);
    const [first, second] = emoji as [string, string];
    for (const person of people.slice(0, 499)) {
      await messages.react(person, { roomId, offset, emoji: first, on: true });
    }
    await messages.react(people[0] as Somebody, { roomId, offset, emoji: second, on: true });
    const crowd = (await messageReader.get(roomId, offset))?.reactions[0]?.userIds;
    expect(crowd).toEqual([ana.userId, ...people.slice(0, 499).map(({ userId }) => userId)]);
    const last = people[499] as Somebody;
    expect(await codeOf(messages.react(last, { roomId, offset, emoji: first, on: true }))).toBe("too_large");
    for (const person of people.slice(5, 499)) {
      await messages.react(person, { roomId, offset, emoji: first, on: false });
    }
    expect((await messageReader.get(roomId, offset))?.reactions[0]?.userIds).toHaveLength(6);
    expect(await kit.services.db.list(["reaction"], { limit: 10 })).toEqual([]);
    expect((await messageReader.get(roomId, offset))?.reactions).toHaveLength(20);
  });
});

function memberOf(name: string): Somebody {
  return { userId: name.padStart(16, "_") as UserId, name, role: "member", isBot: false };
}

describe("rights on messages", () => {
  it.each(
    [
      ["owner", true, true],
      ["admin", true, true],
      ["member", true, false],
      ["guest", true, false],
      ["admin", false, true],
      ["member", false, false],
    ] as const,
  )("POST8 a %s (in the room: %s) deletes others' messages: %s", async (role: Role, isIn, mayDelete) => {
    await using kit = await ChatKit.open();
    const [ana, other] = [await kit.person("Ana"), await kit.person("Other", role)];
    const roomId = await kit.room(ana, { with: isIn ? [other] : [] });
    const { offset } = await kit.send(ana, roomId, "mine");
    const { messages } = kit.services;
    expect(await codeOf(messages.delete(other, { roomId, offset }))).toBe(mayDelete ? "ok" : "not_allowed");
    if (!isIn) expect(await codeOf(kit.send(other, roomId, "hi"))).toBe("not_allowed");
  });

  it("POST9 a moderator of the room deletes others' messages, and loses that with the role", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { kind: "private", with: [ben] });
    const [one, two] = [await kit.send(ben, roomId, "1"), await kit.send(ben, roomId, "2")];
    const { messages, rooms } = kit.services;
    expect(await codeOf(messages.delete(ana, { roomId, offset: one.offset }))).toBe("ok");
    const { userId } = ana;
    await rooms.members.setRole({ roomId, userId, role: "member", by: userId });
    expect(await codeOf(messages.delete(ana, { roomId, offset: two.offset }))).toBe("not_allowed");
  });

  it("POST10 what one may not see answers like what is not there", async () => {
    await using kit = await ChatKit.open();
    const [ana, admin, guest] = [
      await kit.person("Ana"),
      await kit.person("Ed", "admin"),
      await kit.person("Guy", "guest"),
    ];
    const { messages } = kit.services;
    const hidden = await kit.room(ana, { kind: "private" });
    const { offset } = await kit.send(ana, hidden, "secret");
    const missing = "A".repeat(16) as typeof hidden;
    const texts = new Set<string>();
    for (const roomId of [hidden, missing]) {
      for (const actor of [admin, guest]) {
        const calls = [
          kit.send(actor, roomId, "hi"),
          messages.edit(actor, { roomId, offset }, "hi"),
          messages.delete(actor, { roomId, offset }),
          messages.react(actor, { roomId, offset, emoji: "👍", on: true }),
        ];
        for (const result of await Promise.allSettled(calls)) {
          texts.add(
            result.status === "rejected" ? `${result.reason.appCode}: ${result.reason.message}` : "ok",
          );
        }
      }
    }
    expect([...texts]).toEqual(["not_found: Not found, or not visible to you"]);
  });

  it("POST11 nobody edits, deletes or reacts in a room that he left", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const { offset } = await kit.send(ben, roomId, "mine");
    const { messages, rooms } = kit.services;
    await rooms.members.leave({ roomId, userId: ben.userId });
    expect(await codeOf(messages.edit(ben, { roomId, offset }, "x"))).toBe("not_allowed");
    expect(await codeOf(messages.delete(ben, { roomId, offset }))).toBe("not_allowed");
    expect(await codeOf(messages.react(ben, { roomId, offset, emoji: "👍", on: true }))).toBe("not_allowed");
  });
});

describe("sending", () => {
  it("POST13 keeps the order in which one person sends, before rights are known and with mentions between", async () => {
    await using kit = await ChatKit.open("file");
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    kit.clock.now += 1_001;
    const texts = Array.from({ length: 12 }, (_, index) => index % 3 === 0 ? `${index} @Ana` : `${index}`);
    const sent = await Promise.all(texts.map((text) => kit.send(ana, roomId, text)));
    expect(sent.map(({ offset }) => offset)).toEqual(texts.map((_, index) => index + 2));
  });

  it("POST12 costs one commit and no read once rights are known, and reads them again after a second", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    await kit.send(ana, roomId, "warm");
    kit.db.reset();
    await kit.send(ana, roomId, "hot");
    expect({ ...kit.db }).toEqual(expect.objectContaining({ reads: 0, lists: 0, commits: 1 }));
    kit.clock.now += 1_001;
    await kit.send(ana, roomId, "cold");
    expect(kit.db.reads).toBe(1);
  });
});
