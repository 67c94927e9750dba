/** The event log beside bare commits of the same shape on the same file, in turn. */
import { CommitQueue, FILE_COMMITS } from "../../../server/kv/commit_queue.ts";
import { keys } from "../../../server/kv/keys.ts";
import { KvDatabase } from "../../../server/kv/kv_database.ts";
import { EventLog } from "../../../server/streams/event_log.ts";
import { LocalFeed } from "../../../server/streams/local_feed.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { messageOf, roomsOn } from "../../support/stream_kit.ts";
import { serveCommands } from "../process.ts";

const ROOM = "room000000000000" as RoomId;
const USER = "user000000000000" as UserId;
const TEXT = "The tide tables are on the board; the second column was an hour off, please look again.";

const folder = await Deno.makeTempDir({ prefix: "parley-bench-" });
const kv = await Deno.openKv(`${folder}/bench.sqlite`);
const db = new KvDatabase(kv);
const eventLog = new EventLog({
  db,
  commits: new CommitQueue(db, FILE_COMMITS),
  feed: new LocalFeed(),
  epoch: "bench",
  kind: roomsOn(db),
});
let count = 0;

async function append(): Promise<void> {
  const clientMessageId = `m${++count}`;
  await eventLog.append(ROOM, {
    by: USER,
    dedupeKey: keys.dedupe(ROOM, USER, clientMessageId),
    build: ({ offset }) => {
      const message = messageOf(USER, offset, TEXT);
      return {
        body: { type: "message_sent", messageOffset: offset, message },
        sets: [[keys.message(ROOM, offset), message]],
        countsAsMessage: true,
      };
    },
  });
}

/** The same rows with the same check, as a program without streams would write them. */
async function commitBare(): Promise<void> {
  const offset = ++count;
  const id = `b${offset}`;
  const result = await kv.atomic()
    .check({ key: ["bare-dedupe", ROOM, USER, id], versionstamp: null })
    .set(["bare-dedupe", ROOM, USER, id], { offset })
    .set(["bare-event", ROOM, offset], {
      type: "message_sent",
      by: USER,
      at: "2026-01-01T00:00:00.000Z",
      messageOffset: offset,
    })
    .set(["bare-message", ROOM, offset], messageOf(USER, offset, TEXT))
    .set(["bare-stream", ROOM], { offset, messageCount: offset })
    .commit();
  if (!result.ok) throw new Error("A bare commit failed");
}

/** Operations a second with `lanes` of them in flight. */
async function measure(one: () => Promise<void>, total: number, lanes: number): Promise<number> {
  const startedAt = performance.now();
  let begun = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (begun++ < total) await one();
  }));
  return total / ((performance.now() - startedAt) / 1_000);
}

await serveCommands({ port: 0 }, async ({ end }) => {
  if (end === true) {
    kv.close();
    await Deno.remove(folder, { recursive: true });
    return {};
  }
  return {
    bare: await measure(commitBare, 1_500, 1),
    one: await measure(append, 1_500, 1),
    many: await measure(append, 12_000, 64),
  };
});
