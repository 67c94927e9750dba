import { isMessageEvent } from "../../shared/event.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { CommitQueue, FILE_COMMITS } from "../../server/kv/commit_queue.ts";
import type { Commit, Database } from "../../server/kv/database.ts";
import { KvDatabase } from "../../server/kv/kv_database.ts";
import { keys } from "../../server/kv/keys.ts";
import { notFound } from "../../server/auth/authorize.ts";
import { isRoomNotice, roomStream } from "../../server/rooms/room_stream.ts";
import type {
  LoggedRoomRow,
  RoomAppendRequest,
  RoomEventLog,
  RoomNotice,
  RoomTypes,
} from "../../server/rooms/room_stream.ts";
import { EventLog } from "../../server/streams/event_log.ts";
import type { StreamKind } from "../../server/streams/stream_kind.ts";
import { LocalFeed } from "../../server/streams/local_feed.ts";
import { sentMessage } from "./sent_message.ts";

export const ROOM = "room000000000000" as RoomId;
export const ANA = "ana0000000000000" as UserId;
export const BEN = "ben0000000000000" as UserId;

/** Creates a message in its state right after sending. */
export function messageOf(by: UserId, offset: number, text: string): Message {
  return sentMessage({
    roomId: ROOM,
    offset,
    by,
    at: "2026-01-01T00:00:00.000Z",
    text,
    clientMessageId: text,
  });
}

/** An append request that sends a message once, however often it is appended. */
export function sendRequest(by: UserId, clientMessageId: string): RoomAppendRequest {
  return {
    by,
    dedupeKey: keys.dedupe(ROOM, by, clientMessageId),
    build: ({ offset }) => {
      const message = messageOf(by, offset, clientMessageId);
      return {
        body: { type: "message_sent", messageOffset: offset, message },
        sets: [[keys.message(ROOM, offset), message]],
        countsAsMessage: true,
      };
    },
  };
}

/** The stream kind of rooms, with messages as `sendRequest` writes them. */
export function roomsOn(db: Database): StreamKind<RoomTypes> {
  return roomStream({ materialize: (_roomId, rows) => materialize(db, rows), lossOf: notFound });
}

/** New events of a room as a feed notice. */
export function roomNotice(roomId: RoomId, events: readonly RoomEvent[], messageCount: number): RoomNotice {
  return { type: "committed", kind: "room", streamId: roomId, events, messageCount };
}

async function materialize(db: Database, rows: readonly LoggedRoomRow[]): Promise<RoomEvent[]> {
  const events: RoomEvent[] = [];
  for (const { offset, row } of rows) {
    if (!isMessageEvent(row)) throw new TypeError(`Event ${offset} is not about a message`);
    const message = (await db.get<Message>(keys.message(ROOM, row.messageOffset))).value;
    if (message === null) throw new Error(`Message of event ${offset} is missing`);
    events.push({
      offset,
      at: row.at,
      by: row.by,
      type: "message_sent",
      messageOffset: message.offset,
      message,
    });
  }
  return events;
}

/** Creates an event log, and collects what it publishes. */
export function logOn(db: Database): { eventLog: RoomEventLog; published: RoomEvent[]; feed: LocalFeed } {
  const feed = new LocalFeed();
  const published: RoomEvent[] = [];
  feed.subscribe("deliver", (notice) => {
    if (isRoomNotice(notice)) published.push(...notice.events);
  });
  const commits = new CommitQueue(db, FILE_COMMITS);
  const eventLog = new EventLog({ db, commits, feed, epoch: "test", kind: roomsOn(db) });
  return { eventLog, published, feed };
}

/** How a commit fails: the connection breaks after or before the write. */
export type Fault = "none" | "lost_after" | "lost_before";

/** A real database whose commits fail as scripted. */
export class FaultyDatabase implements Database {
  readonly #inner: Database;
  readonly #nextFault: () => Fault;
  readonly get: Database["get"];
  readonly getMany: Database["getMany"];
  readonly list: Database["list"];

  constructor(inner: Database, nextFault: () => Fault) {
    this.#inner = inner;
    this.#nextFault = nextFault;
    this.get = (key) => inner.get(key);
    this.getMany = (many) => inner.getMany(many);
    this.list = (prefix, options) => inner.list(prefix, options);
  }

  async commit(commit: Commit): Promise<string | null> {
    const fault = this.#nextFault();
    if (fault === "lost_before") throw new Error("Connection was lost before the commit");
    const versionstamp = await this.#inner.commit(commit);
    if (fault === "lost_after") throw new Error("Connection was lost after the commit");
    return versionstamp;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** Opens a real database: in memory, or in a temporary folder. */
export async function openTestDatabase(kind: "memory" | "file"): Promise<Database & AsyncDisposable> {
  const folder = kind === "file" ? await Deno.makeTempDir({ prefix: "parley-test-" }) : null;
  const db = new KvDatabase(await Deno.openKv(folder === null ? ":memory:" : `${folder}/parley.sqlite`));
  return Object.assign(db, {
    async [Symbol.asyncDispose]() {
      await db.close();
      if (folder !== null) await Deno.remove(folder, { recursive: true });
    },
  });
}
