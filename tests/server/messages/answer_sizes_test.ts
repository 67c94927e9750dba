import { describe, expect, it } from "vitest";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { EVENT_WHOLE_MAX_BYTES, MESSAGE_MAX_CODE_POINTS, PAGE_MAX_BYTES } from "../../../shared/limits.ts";
import type { PageQuery } from "../../../server/messages/message_reader_store.ts";
import { keys } from "../../../server/kv/keys.ts";
import type { MessageRow } from "../../../server/messages/message_rows.ts";
import { ChatKit } from "../../support/chat_kit.ts";
import type { Followed, Reader, Somebody } from "../../support/chat_kit.ts";
import { applyEvent, freshState } from "../../support/room_state.ts";
import { waitFor } from "../../support/wait.ts";

const LARGE = "🌊".repeat(MESSAGE_MAX_CODE_POINTS);
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
const eventsOf = (reader: Reader<Followed>): RoomEvent[] =>
  reader.items.flatMap(({ event }) => "by" in event ? [event] : []);

/** A room with a hundred messages as large as they may be; gives their offsets. */
async function largeRoom(kit: ChatKit, ana: Somebody): Promise<[RoomId, number[]]> {
  const roomId = await kit.room(ana);
  const offsets: number[] = [];
  for (let index = 0; index < 100; index++) offsets.push((await kit.send(ana, roomId, LARGE)).offset);
  return [roomId, offsets];
}

describe("pages of large messages", () => {
  it("hold 1 MiB at most in every direction, say what is left, and lead on without a hole", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const [roomId, all] = await largeRoom(kit, ana);
    const head = await kit.services.roomLog.head(roomId);
    const read = async (query: Omit<PageQuery, "limit">) => {
      const page = await kit.services.messageReader.page(roomId, head, { ...query, limit: 100 });
      expect(bytesOf(page)).toBeLessThanOrEqual(PAGE_MAX_BYTES + 1_024);
      return { ...page, offsets: page.messages.map(({ offset }) => offset) };
    };
    const newest = await read({});
    expect(newest.offsets).toEqual(all.slice(-newest.offsets.length));
    expect([newest.hasOlder, newest.hasNewer]).toEqual([true, false]);
    const before = await read({ before: newest.offsets[0] ?? 0 });
    expect([...before.offsets, ...newest.offsets]).toEqual(all);
    expect([before.hasOlder, before.hasNewer]).toEqual([false, true]);
    const first = await read({ after: 0 });
    expect(first.offsets).toEqual(all.slice(0, first.offsets.length));
    expect([first.hasOlder, first.hasNewer]).toEqual([false, true]);
    expect([...first.offsets, ...(await read({ after: first.offsets.at(-1) ?? 0 })).offsets]).toEqual(all);
    const middle = all[50] as number;
    const around = await read({ around: middle });
    const index = around.offsets.indexOf(middle);
    expect(Math.abs(index - (around.offsets.length - index))).toBeLessThanOrEqual(1);
    expect([around.hasOlder, around.hasNewer]).toEqual([true, true]);
  });

  it("come over since in answers of 1 MiB at most, each from where the last ended", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const [roomId, all] = await largeRoom(kit, ana);
    const { signal } = new AbortController();
    let position = kit.position((all[0] as number) - 1);
    const events: RoomEvent[] = [];
    for (let count = 0; count < 2; count++) {
      const answer = await kit.since({
        actor: ana,
        roomId,
        position,
        waitMs: 0,
        signal,
      });
      expect(bytesOf(answer)).toBeLessThanOrEqual(PAGE_MAX_BYTES + 1_024);
      expect(answer.events.length).toBeGreaterThan(0);
      events.push(...answer.events);
      position = answer.position;
    }
    expect(events.map(({ offset }) => offset)).toEqual(all);
    const reader = kit.follow(ana, roomId, kit.position((all[0] as number) - 1));
    await waitFor(() => reader.items.length === all.length);
    expect(eventsOf(reader)).toEqual(events);
  });
});

describe("reactions of many people", () => {
  it("are not sent again with each change: what changed leads to the same message", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const { offset } = await kit.send(ana, roomId, "well?");
    const { db, messages } = kit.services;
    const crowd = Array.from({ length: 499 }, (_, index) => `person${index}`.padStart(16, "_") as UserId);
    const emoji = [..."😀😃😄"];
    const { value: row } = await db.get<MessageRow>(keys.message(roomId, offset));
    await db.commit({
      sets: [
        [keys.message(roomId, offset), {
          ...row,
          reactions: emoji.map((emoji) => ({ emoji, userIds: null })),
        }],
        ...emoji.map((emoji) => [keys.reaction(roomId, offset, emoji), crowd] as const),
      ],
    });
    const before = await freshState(kit, roomId);
    const live = kit.follow(ana, roomId, kit.position(before.offset));
    const react = (emoji: string, on: boolean) => messages.react(ana, { roomId, offset, emoji, on });
    expect((await react("😀", true)).reactions[0]?.userIds).toHaveLength(500);
    await react("😀", false);
    await react("😃", true);
    await react("🎉", true);
    await messages.edit(ana, { roomId, offset }, "well!");
    const after = await freshState(kit, roomId);
    await waitFor(() => live.items.length === 5);
    expect(Math.max(...eventsOf(live).map(bytesOf))).toBeLessThan(EVENT_WHOLE_MAX_BYTES);
    expect(eventsOf(live).reduce(applyEvent, before)).toEqual(after);
    const replayed = kit.follow(ana, roomId, kit.position(before.offset));
    await waitFor(() => replayed.items.length === 5);
    expect(Math.max(...eventsOf(replayed).map(bytesOf))).toBeLessThan(EVENT_WHOLE_MAX_BYTES);
    expect(eventsOf(replayed).reduce(applyEvent, before)).toEqual(after);
    // Who hears of the message for the first time gets all of it.
    const fresh = kit.follow(ana, roomId, kit.position(offset - 1));
    await waitFor(() => fresh.items.length === 6);
    expect(eventsOf(fresh)[0]).toMatchObject({
      message: { reactions: after.messages.get(offset)?.reactions },
    });
  });
});

describe("those who wait for a room", () => {
  it("are all answered by one read of storage", async () => {
    await using kit = await ChatKit.open();
    const ana = await kit.person("Ana");
    const roomId = await kit.room(ana);
    const { offset } = await kit.send(ana, roomId, "first");
    const { signal } = new AbortController();
    const wait = () =>
      kit.since({
        actor: ana,
        roomId,
        position: kit.position(offset),
        waitMs: 5_000,
        signal,
        // Without a read of its own for each, which would end at different times.
        resolve: () => Promise.resolve(ana),
      });
    const waits = Array.from({ length: 50 }, wait);
    await waitFor(() => kit.services.hub.hasSubscribers(`room:${roomId}`));
    // All of them stand at the head before the message comes.
    await new Promise((resolve) => setTimeout(resolve));
    kit.db.reset();
    await kit.send(ana, roomId, "second");
    const answers = await Promise.all(waits);
    expect(answers.map(({ events }) => events.length)).toEqual(Array(50).fill(1));
    expect(kit.db.lists).toBeLessThanOrEqual(2);
  });
});
