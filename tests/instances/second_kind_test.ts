import { describe, expect, it } from "vitest";
import { keys } from "../../server/kv/keys.ts";
import { hasDenokv } from "../support/denokv.ts";
import { BOARD, BoardReader, NOTICE_ROUTER, openBoard, putUp } from "../support/notice_kit.ts";
import type { NoticeClient } from "../support/notice_kit.ts";
import type { Person } from "../support/test_app.ts";
import type { Transport } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { InstanceName, TwoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
const SHARDS = ["0", "1", "2", "3", "notices"];

function readAt(
  pair: TwoInstances,
  instance: InstanceName,
  transport: Transport,
  position?: string,
): BoardReader {
  const person: Person = pair.app.owner;
  return new BoardReader(pair.client(instance, person, transport) as unknown as NoticeClient, position);
}

/** What stands in the feed between instances, in any shard. */
async function feedRows(pair: TwoInstances): Promise<object[]> {
  const { db, roomLog: { epoch } } = pair.app.services;
  const rows = await Promise.all(
    SHARDS.map((shard) => db.list<object>(keys.feedShard(epoch, shard), { limit: 500 })),
  );
  return rows.flat().map(({ value }) => value);
}

describe.skipIf(!isPossible)("a second kind of stream on two instances", () => {
  it("KIND6 delivers appends of each to the readers of both, in one order without gaps", async () => {
    await using pair = await twoInstances({ router: NOTICE_ROUTER });
    const logs = [openBoard(pair.app.services), openBoard(pair.b.services)] as const;
    const by = pair.app.owner.id;
    const readers = [readAt(pair, "a", "ws"), readAt(pair, "b", "ws"), readAt(pair, "b", "sse")];
    await waitFor(() => readers.every(({ items }) => items.length === 1));
    const texts = Array.from({ length: 20 }, (_, index) => `notice ${index}`);
    await Promise.all(
      texts.map((text, index) => logs[index % 2 === 0 ? 0 : 1].append(BOARD, putUp(by, text))),
    );
    await waitFor(() => readers.every(({ items }) => items.length === 21));
    const [first, ...others] = readers as [BoardReader, ...BoardReader[]];
    expect(first.items.flatMap((item) => "offset" in item ? [item.offset] : [])).toEqual(
      texts.map((_, index) => index + 1),
    );
    expect(first.texts.toSorted()).toEqual(texts.toSorted());
    for (const { items } of others) expect(items).toEqual(first.items);
    for (const reader of readers) reader.stop();
  });

  it("KIND7 resumes at one instance from a position of the other", async () => {
    await using pair = await twoInstances({ router: NOTICE_ROUTER });
    const [logOfA] = [openBoard(pair.app.services), openBoard(pair.b.services)];
    const by = pair.app.owner.id;
    const before = readAt(pair, "a", "ws");
    await waitFor(() => before.items.length === 1);
    await logOfA?.append(BOARD, putUp(by, "seen at the first"));
    await waitFor(() => before.texts.length === 1);
    before.stop();
    await logOfA?.append(BOARD, putUp(by, "missed"));
    const after = readAt(pair, "b", "sse", before.position);
    await waitFor(() => after.texts.length === 1);
    await logOfA?.append(BOARD, putUp(by, "live at the second"));
    await waitFor(() => after.texts.length === 2);
    expect(after.texts).toEqual(["missed", "live at the second"]);
    expect(after.items.every((item) => item.type === "put_up")).toBe(true);
    after.stop();
  });

  it("KIND8 keeps the rows of rooms unchanged, and is ignored by older versions", async () => {
    await using pair = await twoInstances({ router: NOTICE_ROUTER });
    const log = openBoard(pair.app.services);
    const { api, id: by } = pair.app.owner;
    const room = await api.rooms.create.mutate({ name: "Dock", kind: "public" });
    await log.append(BOARD, putUp(by, "posted"));
    const rows = await feedRows(pair);
    expect(rows).toContainEqual({
      from: expect.any(String),
      pointer: { roomId: room.id, from: 1, to: 1, messageCount: 0 },
    });
    // An instance without kinds looks for a pointer, and else at each of the notices.
    expect(rows).toContainEqual({
      from: expect.any(String),
      notices: [],
      appended: { kind: "notice", streamId: BOARD, from: 1, to: 1, messageCount: 0 },
    });
    // The second instance does not know the board: it goes on to hear of rooms.
    const heard: string[] = [];
    const following = pair.client("b", pair.app.owner, "ws").messages.onEvent.subscribe({ roomId: room.id }, {
      onData: ({ data }) => void heard.push(data.type),
    });
    await waitFor(() => heard.length === 1);
    await log.append(BOARD, putUp(by, "posted again"));
    await api.messages.send.mutate({ roomId: room.id, clientMessageId: "m1", text: "still here" });
    await waitFor(() => heard.length === 2);
    following.unsubscribe();
    expect(pair.logs.filter((line) => line.includes("could not"))).toEqual([]);
  });
});
