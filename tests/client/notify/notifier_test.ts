import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import { Notifier } from "../../../client/notify/notifier.ts";
import type { NoticePlaces, ToldMessage } from "../../../client/notify/room_notices.ts";
import type { Trpc } from "../../../client/net/trpc.ts";
import { RoomsModel } from "../../../client/rooms/rooms_model.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import { waitFor } from "../../support/wait.ts";

const WAIT = { timeoutMs: 30_000 };

/** The rooms of a person over a socket, and what an open page of theirs would tell. */
async function openPage(person: Person, places: Partial<NoticePlaces> = {}) {
  const api = person.device.client("ws");
  const rooms = new RoomsModel({
    api: api.rooms as unknown as Trpc["rooms"],
    me: person.id,
    nameOf: () => "Somebody",
    also: signal([]),
    tabId: () => null,
    onHeads: () => {},
    signals: { typing: () => {}, presence: () => {} },
    onNotice: () => {},
    onRemoved: () => {},
  });
  const told: ToldMessage[] = [];
  const shown = new Set<string>();
  let readCount = 0;
  const notifier = new Notifier({
    me: person.id,
    rooms: rooms.rooms,
    isReady: rooms.isReady,
    doNotDisturb: () => false,
    isAttentive: () => false,
    isUsedElsewhere: () => false,
    isSeen: () => false,
    readSettings: () => api.settings.get.query(),
    listBefore: async (roomId, before) => {
      readCount++;
      return (await api.messages.list.query({ roomId, before })).messages;
    },
    authorOf: async (roomId, offset) =>
      (await api.messages.list.query({ roomId, around: offset, limit: 1 })).messages[0]?.by ?? null,
    tell: (one) => {
      told.push(one);
      shown.add(one.message.text);
      return () => void shown.delete(one.message.text);
    },
    now: Date.now,
    ...places,
  });
  rooms.start();
  notifier.start();
  await waitFor(() => rooms.isReady.value, WAIT);
  return {
    api,
    rooms,
    shown,
    texts: () => told.map(({ message }) => message.text),
    readCount: () => readCount,
    [Symbol.dispose]: () => {
      notifier[Symbol.dispose]();
      rooms[Symbol.dispose]();
    },
  };
}

let sentCount = 0;
async function say(by: Person, roomId: RoomId, text: string, replyTo?: number) {
  const clientMessageId = `m${++sentCount}`;
  return await by.api.messages.send.mutate({ roomId, clientMessageId, text, ...replyTo && { replyTo } });
}

async function generalOf({ owner }: TestApp): Promise<RoomId> {
  const [general] = await owner.api.rooms.list.query();
  if (general === undefined) throw new Error("There is no room");
  return general.id;
}

describe("Notifier", () => {
  it("tells of a message until it is read on any device, and of the next one only then", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const roomId = await generalOf(app);
    await say(app.owner, roomId, "before the page was opened");
    using page = await openPage(ben);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await say(ben, roomId, "my own");
    await say(app.owner, roomId, "one");
    await waitFor(() => page.shown.has("one"), WAIT);
    await say(app.owner, roomId, "two");
    await say(app.owner, roomId, "@Ben three");
    await waitFor(() => page.shown.has("@Ben three"), WAIT);
    await ben.api.rooms.markRead.mutate({ roomId, offset: 99 });
    await waitFor(() => page.shown.size === 0, WAIT);
    expect(page.texts().filter((text) => !["one", "two", "@Ben three"].includes(text))).toEqual([]);
  });

  it("obeys levels, mutes, quiet hours and do not disturb", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const cleo = await app.person("Cleo");
    const roomId = await generalOf(app);
    const [direct, other] = await Promise.all(
      [ben, cleo].map(({ id: userId }) => app.owner.api.rooms.openDirect.mutate({ userId })),
    );
    if (direct === undefined || other === undefined) throw new Error("There are two direct rooms");
    await ben.api.settings.set.mutate({ level: "mentions" });
    await cleo.api.settings.set.mutate({ quietHours: { from: "00:00", to: "23:59" } });
    using page = await openPage(ben);
    using quiet = await openPage(cleo, {
      // One minute of the day is not quiet; this is another.
      now: () => Date.parse("2030-01-31T12:00:00Z"),
    });
    await say(app.owner, other.id, "in quiet hours");
    const own = await say(ben, roomId, "a question");
    await say(app.owner, roomId, "chatter");
    await waitFor(() => page.readCount() > 0, WAIT);
    await say(app.owner, roomId, "an answer", own.offset);
    await waitFor(() => page.shown.has("an answer"), WAIT);
    await say(app.owner, roomId, "@Ben look");
    await say(app.owner, direct.id, "for you");
    await waitFor(() => page.shown.has("@Ben look") && page.shown.has("for you"), WAIT);
    expect(page.texts()).not.toContain("chatter");
    await ben.api.rooms.markRead.mutate({ roomId: direct.id, offset: 99 });
    await ben.api.rooms.setLevel.mutate({
      roomId: direct.id,
      level: null,
      mutedUntil: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await waitFor(() => page.rooms.find(direct.id)?.mutedUntil !== null, WAIT);
    const readCount = page.readCount();
    await say(app.owner, direct.id, "while muted");
    await waitFor(() => page.readCount() > readCount && quiet.readCount() > 0, WAIT);
    await say(app.owner, roomId, "@Ben last");
    await waitFor(() => page.shown.has("@Ben last"), WAIT);
    expect([page.texts().includes("while muted"), quiet.texts()]).toEqual([false, []]);
  });

  it("does not tell of the room that the user looks at", async () => {
    await using app = await testApp();
    const ben = await app.person("Ben");
    const roomId = await generalOf(app);
    const direct = await app.owner.api.rooms.openDirect.mutate({ userId: ben.id });
    using page = await openPage(ben, { isAttentive: () => true, isSeen: (id) => id === roomId });
    await say(app.owner, roomId, "@Ben seen");
    await say(app.owner, direct.id, "elsewhere");
    await waitFor(() => page.shown.has("elsewhere") && page.readCount() === 2, WAIT);
    expect(page.texts()).toEqual(["elsewhere"]);
  });
});
