import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { RoomId } from "../../../shared/ids.ts";
import type { PageQuery } from "../../../server/messages/message_reader_store.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Somebody } from "../../support/chat_kit.ts";

async function page(kit: ChatKit, roomId: RoomId, query: PageQuery) {
  const head = await kit.services.roomLog.head(roomId);
  const { messages, hasOlder, hasNewer } = await kit.services.messageReader.page(roomId, head, query);
  return { offsets: messages.map(({ offset }) => offset), hasOlder, hasNewer };
}

/** A room whose messages have other events between them; gives the offsets of the messages. */
async function sparseRoom(kit: ChatKit, ana: Somebody, count: number): Promise<[RoomId, number[]]> {
  const roomId = await kit.room(ana);
  const offsets: number[] = [];
  for (let index = 0; index < count; index++) {
    const { offset } = await kit.send(ana, roomId, `${index}`);
    offsets.push(offset);
    if (index % 3 === 0) await kit.services.messages.edit(ana, { roomId, offset }, `${index}, edited`);
    kit.clock.now += 60_000;
  }
  return [roomId, offsets];
}

describe("pages of messages", () => {
  it("PAGE1 are the newest, before, after and around, oldest first, and know what lies beyond", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const [roomId, all] = await sparseRoom(kit, ana, 30);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("newest", "before", "after", "around"),
        fc.nat(50),
        fc.integer({ min: 1, max: 35 }),
        async (kind, at, limit) => {
          const query = kind === "newest" ? { limit } : { limit, [kind]: at };
          const { offsets, hasOlder, hasNewer } = await page(kit, roomId, query);
          const older = all.filter((offset) => offset < at);
          const newer = all.filter((offset) => offset >= at);
          if (kind === "newest") expect(offsets).toEqual(all.slice(-limit));
          if (kind === "before") expect(offsets).toEqual(older.slice(-limit));
          if (kind === "after") expect(offsets).toEqual(all.filter((offset) => offset > at).slice(0, limit));
          if (kind === "around") {
            expect(offsets).toHaveLength(Math.min(limit, all.length));
            if (newer.length > 0) expect(offsets).toContain(newer[0]);
            const olderCount = offsets.filter((offset) => offset < at).length;
            const isCentred = olderCount === Math.floor(limit / 2);
            const isAtAnEnd = olderCount === older.length || offsets.length - olderCount === newer.length;
            expect(isCentred || isAtAnEnd).toBe(true);
          }
          const [first, last] = [offsets[0], offsets.at(-1)];
          if (first === undefined || last === undefined) {
            expect([hasOlder, hasNewer]).toEqual([kind === "after", kind === "before"]);
          } else {
            expect([hasOlder, hasNewer]).toEqual([first !== all[0], last !== all.at(-1)]);
            expect(offsets).toEqual(all.slice(all.indexOf(first), all.indexOf(last) + 1));
          }
        },
      ),
      { numRuns: 150, seed: 20260104 },
    );
  });

  it("PAGE2 of an empty room are empty and have nothing beyond", async () => {
    await using kit = await ChatKit.open();
    const roomId = await kit.room(await kit.person("Ana"));
    for (const query of [{}, { before: 5 }, { after: 0 }, { around: 1 }]) {
      expect(await page(kit, roomId, { limit: 50, ...query })).toEqual({
        offsets: [],
        hasOlder: false,
        hasNewer: false,
      });
    }
  });

  it("PAGE3 cost one list call, the newest as well as one far back", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    await Promise.all(Array.from({ length: 300 }, (_, index) => kit.send(ana, roomId, `${index}`)));
    for (const query of [{}, { before: 200 }, { after: 100 }]) {
      kit.db.reset();
      expect((await page(kit, roomId, { limit: 50, ...query })).offsets).toHaveLength(50);
      expect({ ...kit.db }).toEqual(expect.objectContaining({ reads: 0, lists: 1, commits: 0 }));
    }
  });

  it("PAGE4 hold nothing above the head that they were read at", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    await kit.send(ana, roomId, "seen");
    const head = await kit.services.roomLog.head(roomId);
    await kit.send(ana, roomId, "later");
    const { messages, hasNewer } = await kit.services.messageReader.page(roomId, head, { limit: 10 });
    expect(messages.map(({ text }) => text)).toEqual(["seen"]);
    expect(hasNewer).toBe(false);
  });

  it("PAGE5 keep tombstones, so that offsets explain themselves", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const [roomId, all] = await sparseRoom(kit, ana, 5);
    await kit.services.messages.delete(ana, { roomId, offset: all[2] as number });
    expect((await page(kit, roomId, { limit: 50 })).offsets).toEqual(all);
  });
});

describe("events from rows", () => {
  it("PAGE7 read a message for events about messages only", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const { offset } = await kit.send(ana, roomId, "old");
    const by = ana.userId;
    const at = new Date(kit.clock.now).toISOString();
    const row = { type: "member_joined", by, at, userId: by, role: "member" } as const;
    kit.db.reset();
    const events = await kit.services.messageReader.materialize(roomId, [{ offset: offset + 1, row }]);
    expect(events).toEqual([{ offset: offset + 1, ...row }]);
    expect({ ...kit.db }).toEqual(expect.objectContaining({ reads: 0, lists: 0 }));
  });
});

describe("messages.at", () => {
  it("PAGE6 finds the first message at or after a time, else the last, else 0", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const start = kit.clock.now;
    const [roomId, all] = await sparseRoom(kit, ana, 12);
    const { messageReader, roomLog } = kit.services;
    const head = await roomLog.head(roomId);
    const at = (ms: number) => messageReader.offsetAt(roomId, head, new Date(start + ms).toISOString());
    for (const [index, offset] of all.entries()) {
      expect(await at(index * 60_000)).toBe(offset);
      expect(await at(index * 60_000 - 1)).toBe(offset);
    }
    expect(await at(-1e9)).toBe(all[0]);
    expect(await at(1e9)).toBe(all.at(-1));
    const empty = await kit.room(ana);
    expect(await messageReader.offsetAt(empty, await roomLog.head(empty), new Date(start).toISOString()))
      .toBe(0);
  });
});
