import { TRPCClientError } from "@trpc/client";
import { keys } from "../../server/kv/keys.ts";
import { openRemoteDatabase } from "../../server/kv/open_remote_database.ts";
import type { Database } from "../../server/kv/database.ts";
import { Log } from "../../server/log.ts";
import type { MessageRow } from "../../server/messages/message_rows.ts";
import type { StreamHead } from "../../server/streams/event_log.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { SeededPerson } from "../support/seed.ts";
import type { Client } from "../support/test_clients.ts";
import { Device } from "../support/test_clients.ts";
import { pause } from "../support/wait.ts";
import type { Cluster } from "./cluster.ts";
import type { FinalMessage, FinalReadState, FinalRoom, FinalState } from "./final_state.ts";
import type { InstanceName } from "./history.ts";

const PAGE_COUNT = 100;
/** One call to storage has 5 s. */
const ROWS_COUNT = 5_000;
/** From here on no client of the run dials. */
const ADDRESS = "127.9.0.1";

/** Reads everything from both instances and from storage, once nothing changes any more. */
export async function readFinalState(
  cluster: Cluster,
  people: readonly SeededPerson[],
): Promise<FinalState> {
  const { roomIds } = cluster.seeded;
  const shown = new Map<RoomId, Record<InstanceName, FinalMessage[]>>(
    roomIds.map((roomId) => [roomId, { a: [], b: [] }]),
  );
  const readStates: FinalReadState[] = [];
  for (const { name, port } of cluster.all) {
    for (const [index, person] of people.entries()) {
      await using device = new Device(`http://127.0.0.1:${port}`, ADDRESS);
      device.token = person.token;
      const api = device.client("http");
      readStates.push(...await readStatesOf(api, { person: person.id, instance: name, roomIds }));
      const roomId = roomIds[index];
      const lists = roomId === undefined ? undefined : shown.get(roomId);
      if (roomId !== undefined && lists !== undefined) lists[name] = await listAll(api, roomId);
    }
  }
  const log = new Log({ level: "error", format: "text" });
  const database = await openRemoteDatabase({ url: cluster.kv.url, log });
  const rooms: FinalRoom[] = [];
  for (const roomId of roomIds) {
    const room = await readStored(database.db, roomId);
    rooms.push({ ...room, shown: shown.get(roomId) ?? { a: [], b: [] } });
  }
  await database.close();
  return { rooms, readStates };
}

async function readStatesOf(
  api: Client,
  { person, instance, roomIds }: { person: UserId; instance: InstanceName; roomIds: readonly RoomId[] },
): Promise<FinalReadState[]> {
  const rooms = await patiently(() => api.rooms.list.query());
  return rooms.filter(({ id }) => roomIds.includes(id)).map(({ id, head, readOffset, unread }) => ({
    person,
    roomId: id,
    instance,
    head,
    readOffset,
    unread,
  }));
}

async function listAll(api: Client, roomId: RoomId): Promise<FinalMessage[]> {
  const messages: FinalMessage[] = [];
  for (let after = 0;;) {
    const page = await patiently(() => api.messages.list.query({ roomId, after, limit: PAGE_COUNT }));
    messages.push(...page.messages.map(fromMessage));
    const last = page.messages.at(-1);
    if (last === undefined || !page.hasNewer) return messages;
    after = last.offset;
  }
}

/** Limits are on for the checker too. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TRPCClientError) || error.data?.appCode !== "rate_limited") throw error;
      await pause(Number(error.data.retryAfterMs));
    }
  }
}

async function readStored(db: Database, roomId: RoomId): Promise<Omit<FinalRoom, "shown">> {
  const head = (await db.get<StreamHead>(keys.streamHead(roomId))).value ?? { offset: 0, messageCount: 0 };
  const events = await allRows<unknown>(db, keys.events(roomId));
  const messages = await allRows<MessageRow>(db, keys.messages(roomId));
  const dedupes = await allRows<{ offset: number }>(db, ["dedupe", roomId]);
  return {
    roomId,
    head,
    eventOffsets: events.map(({ key }) => Number(key.at(-1))),
    messages: messages.map(({ key, value }) => ({
      offset: Number(key.at(-1)),
      by: value.by,
      clientMessageId: value.clientMessageId,
      text: value.text,
      isDeleted: value.deletedAt !== null,
      // Nobody's run has so many people that a reaction stands elsewhere.
      reactions: choicesOf(value.reactions.map(({ emoji, userIds }) => ({ emoji, userIds: userIds ?? [] }))),
      ordinal: value.ordinal,
    })),
    dedupes: dedupes.map(({ key, value }) => ({
      by: key.at(-2) as UserId,
      clientMessageId: String(key.at(-1)),
      offset: value.offset,
    })),
  };
}

async function allRows<T>(db: Database, prefix: Deno.KvKey): Promise<Deno.KvEntry<T>[]> {
  const rows: Deno.KvEntry<T>[] = [];
  for (;;) {
    const last = rows.at(-1);
    const part = await db.list<T>(prefix, {
      limit: ROWS_COUNT,
      ...(last === undefined ? {} : { start: last.key }),
    });
    // The start is part of the list.
    rows.push(...last === undefined ? part : part.slice(1));
    if (part.length < ROWS_COUNT) return rows;
  }
}

function fromMessage(message: Message): FinalMessage {
  const { offset, by, clientMessageId, text, deletedAt, reactions } = message;
  return {
    offset,
    by,
    clientMessageId,
    text,
    isDeleted: deletedAt !== null,
    reactions: choicesOf(reactions),
  };
}

function choicesOf(reactions: readonly { readonly emoji: string; readonly userIds: readonly string[] }[]) {
  return reactions.flatMap(({ emoji, userIds }) => userIds.map((userId) => `${emoji} ${userId}`)).sort();
}
