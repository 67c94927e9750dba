import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { RoomId } from "../../../shared/ids.ts";
import type { Message } from "../../../shared/message.ts";
import { ChatKit, roomsAfter } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";
import { waitFor } from "../../support/wait.ts";

async function messagesOf(kit: ChatKit, roomId: RoomId): Promise<Message[]> {
  const head = await kit.services.roomLog.head(roomId);
  const messages: Message[] = [];
  for (let after = 0;;) {
    const page = await kit.services.messageReader.page(roomId, head, { after, limit: 100 });
    messages.push(...page.messages);
    if (!page.hasNewer) return messages;
    after = page.messages.at(-1)?.offset ?? after;
  }
}

/** Unread and mentions by looking at every message, as the two numbers must agree with. */
async function recount(kit: ChatKit, roomId: RoomId, reader: Somebody, readOffset: number) {
  const unread = (await messagesOf(kit, roomId)).filter(({ offset }) => offset > readOffset);
  const isMention = ({ by, mentions }: Message) => by !== reader.userId && mentions.includes(reader.userId);
  return { unread: unread.length, mentions: Math.min(100, unread.filter(isMention).length) };
}

describe("read state", () => {
  it("READ1 begins with everything read, and counts what comes, tombstones included", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana);
    await kit.send(ana, roomId, "before");
    await kit.services.rooms.members.join({ userId: ben.userId, roomId });
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 0, mentions: 0, head: 3, readOffset: 3 });
    await kit.send(ana, roomId, "after, @Ben");
    const { offset } = await kit.send(ana, roomId, "gone, @Ben");
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 2, mentions: 2, readOffset: 3 });
    await kit.services.messages.delete(ana, { roomId, offset });
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 2, mentions: 1 });
  });

  it("READ2 an own message is read when nothing before it was unread, and only then", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const own = await kit.send(ben, roomId, "one");
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 0, readOffset: own.offset });
    await kit.send(ana, roomId, "two");
    await kit.send(ben, roomId, "three");
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 2, readOffset: own.offset });
    expect(await kit.summary(ana, roomId)).toMatchObject({ unread: 3 });
  });

  it("READ3 only grows, means the last message at or before, and goes back when told so", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const sent: number[] = [];
    for (const text of ["a", "b", "c", "d"]) sent.push((await kit.send(ana, roomId, text)).offset);
    await kit.services.messages.edit(ana, { roomId, offset: sent[0] as number }, "edited");
    const [, second, third, fourth] = sent as [number, number, number, number];
    const mark = async (offset: number, unread = false) => {
      await kit.services.rooms.readStates.mark({ userId: ben.userId, roomId, offset, unread });
      const { readOffset, unread: count } = await kit.summary(ben, roomId);
      return [readOffset, count];
    };
    expect(await mark(third)).toEqual([third, 1]);
    expect(await mark(second)).toEqual([third, 1]);
    expect(await mark(second, true)).toEqual([second, 2]);
    // The edit's event stands behind the last message.
    expect(await mark(fourth + 1)).toEqual([fourth, 0]);
    expect(await mark(0, true)).toEqual([0, 4]);
    expect(await mark(Number.MAX_SAFE_INTEGER)).toEqual([fourth, 0]);
  });

  it("READ4 marking unread holds against an own message sent before, and an own one behind it stays unread", async () => {
    await using kit = await ChatKit.open();
    const ben = await kit.person("Ben");
    const roomId = await kit.room(ben);
    const first = await kit.send(ben, roomId, "one");
    await kit.send(ben, roomId, "two");
    const { readStates } = kit.services.rooms;
    await readStates.mark({ userId: ben.userId, roomId, offset: first.offset, unread: true });
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 1, readOffset: first.offset });
    await kit.send(ben, roomId, "three");
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 2, readOffset: first.offset });
  });

  it("READ5 marks of several devices at once end at the largest", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const sent: number[] = [];
    for (let index = 0; index < 12; index++) sent.push((await kit.send(ana, roomId, `${index}`)).offset);
    const { readStates } = kit.services.rooms;
    await Promise.all(
      sent.toReversed().map((offset) =>
        readStates.mark({ userId: ben.userId, roomId, offset, unread: false })
      ),
    );
    expect(await kit.summary(ben, roomId)).toMatchObject({ unread: 0, readOffset: sent.at(-1) });
  });

  it("READ6 keeps level and mute beside what is read", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const { readStates } = kit.services.rooms;
    const mutedUntil = "2030-02-01T00:00:00.000Z";
    await readStates.setLevel({ userId: ben.userId, roomId, level: "mentions", mutedUntil });
    expect(await kit.summary(ben, roomId)).toMatchObject({ level: "mentions", mutedUntil });
    await readStates.setLevel({ userId: ben.userId, roomId, level: "none" });
    expect(await kit.summary(ben, roomId)).toMatchObject({ level: "none", mutedUntil });
    await readStates.setLevel({ userId: ben.userId, roomId, level: "none", mutedUntil: null });
    expect(await kit.summary(ben, roomId)).toMatchObject({ level: "none", mutedUntil: null });
    expect(await kit.summary(ana, roomId)).toMatchObject({ level: "all" });
  });

  it("READ7 counts mentions to 100, and more take the place of those that go", async () => {
    await using kit = await ChatKit.open();
    const [ana, ben] = [await kit.person("Ana"), await kit.person("Ben")];
    const roomId = await kit.room(ana, { with: [ben] });
    const reader = await kit.watch(ben);
    const sent: number[] = [];
    for (let index = 0; index < 103; index++) sent.push((await kit.send(ana, roomId, "@Ben")).offset);
    const seen = () => roomsAfter(reader.items).get(roomId)?.mentions;
    expect(await kit.summary(ben, roomId)).toMatchObject({ mentions: 100, unread: 103 });
    await waitFor(() => seen() === 100);
    for (const offset of sent.slice(0, 2)) await kit.services.messages.delete(ana, { roomId, offset });
    expect(await kit.summary(ben, roomId)).toMatchObject({ mentions: 100 });
    for (const offset of sent.slice(2, 5)) {
      await kit.services.messages.edit(ana, { roomId, offset }, "nobody");
    }
    expect(await kit.summary(ben, roomId)).toMatchObject({ mentions: 98 });
    await waitFor(() => seen() === 98);
    const { readStates } = kit.services.rooms;
    await readStates.mark({ userId: ben.userId, roomId, offset: sent.at(-3) as number, unread: false });
    await waitFor(() => seen() === 2);
  });
});

type Step =
  | { readonly type: "send"; readonly who: number; readonly mention: number }
  | { readonly type: "mark"; readonly who: number; readonly at: number; readonly unread: boolean }
  | { readonly type: "delete" | "edit"; readonly who: number; readonly at: number; readonly mention: number }
  | { readonly type: "rejoin"; readonly who: number };

const who = fc.nat(2);
const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ type: fc.constant("send"), who, mention: who }),
  fc.record({ type: fc.constant("send"), who, mention: who }),
  fc.record({ type: fc.constant("mark"), who, at: fc.nat(30), unread: fc.boolean() }),
  fc.record({ type: fc.constantFrom("delete", "edit"), who, at: fc.nat(30), mention: who }),
  fc.record({ type: fc.constant("rejoin"), who }),
);

describe("unread counts", () => {
  it("READ8 equal a recount whatever several devices do at once, live, in lists and after a restart", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 8 }), async (waves) => {
        await using kit = await ChatKit.open();
        const people = [await kit.person("Ana"), await kit.person("Ben"), await kit.person("Cleo")];
        const roomId = await kit.room(people[0] as Somebody, { with: people.slice(1) });
        const watches = await Promise.all(people.map((person) => kit.watch(person)));
        for (const wave of waves) {
          await Promise.allSettled(wave.map((one) => perform(kit, people, roomId, one)));
          for (const person of people) {
            const summary = await kit.summary(person, roomId);
            expect(summary).toMatchObject(await recount(kit, roomId, person, summary.readOffset));
            expect(await kit.services.roomsSubscription.list(person.userId)).toEqual([summary]);
          }
        }
        const last = await Promise.all(people.map((person) => kit.summary(person, roomId)));
        for (const [index, watch] of watches.entries()) {
          const expected = JSON.stringify(last[index]);
          await waitFor(() => JSON.stringify(roomsAfter(watch.items).get(roomId)) === expected);
        }
        await using restarted = await kit.again();
        expect(await Promise.all(people.map((person) => restarted.summary(person, roomId)))).toEqual(last);
      }),
      { numRuns: 30, seed: 20260102, endOnFailure: true },
    );
  });
});

async function perform(kit: ChatKit, people: readonly Somebody[], roomId: RoomId, one: Step): Promise<void> {
  const { rooms, messages } = kit.services;
  const actor = people[one.who] as Somebody;
  const { userId } = actor;
  if (one.type === "send") {
    await kit.send(actor, roomId, `Hello @${people[one.mention]?.name}`);
  } else if (one.type === "mark") {
    await rooms.readStates.mark({ userId, roomId, offset: one.at, unread: one.unread });
  } else if (one.type === "delete") {
    await messages.delete(actor, { roomId, offset: one.at });
  } else if (one.type === "edit") {
    await messages.edit(actor, { roomId, offset: one.at }, `Now @${people[one.mention]?.name}`);
  } else {
    await rooms.members.leave({ userId, roomId });
    await rooms.members.join({ userId, roomId });
  }
}
