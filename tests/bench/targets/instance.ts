/** One instance without sockets on a KV Connect server: sends through its stores and times what others send. */
import { parseConfig } from "../../../server/config.ts";
import { createServices } from "../../../server/create_services.ts";
import { openRemoteDatabase } from "../../../server/kv/open_remote_database.ts";
import { Log } from "../../../server/log.ts";
import { isRoomNotice } from "../../../server/rooms/room_stream.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { delay, serveCommands } from "../process.ts";

/** What to send, and how fast; without a rate as fast as `inFlight` at a time go. */
interface SendOrder {
  readonly roomIds: readonly RoomId[];
  readonly userIds: readonly UserId[];
  readonly seconds: number;
  readonly perSecond?: number;
  readonly inFlight?: number;
}

const url = Deno.args[0] ?? "";
const log = new Log({ level: "error", format: "text" });
const { services } = await createServices({
  config: parseConfig({}),
  log,
  database: await openRemoteDatabase({ url, log }),
  now: Date.now,
  publicUrl: () => "http://127.0.0.1",
});
const { messages, rooms, users, feed, db } = services;

/** Milliseconds since the epoch with their fraction, the same clock in all processes of the machine. */
function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

let seen: number[] = [];
const own = new Set<string>();
feed.subscribe("deliver", (notice) => {
  if (!isRoomNotice(notice)) return;
  for (const event of notice.events) {
    if (event.type !== "message_sent" || own.delete(event.message.clientMessageId)) continue;
    seen.push(preciseNow() - Number(event.message.text.split(" ", 1)[0]));
  }
});

/** Makes people and rooms that all of them are in. */
async function prepare(roomCount: number): Promise<{ roomIds: RoomId[]; userIds: UserId[] }> {
  const userIds: UserId[] = [];
  for (let index = 0; index < 8; index++) {
    const { row, commit } = await users.prepare({ name: `Person ${index}`, role: "member", rooms: [] });
    await db.commit(commit);
    userIds.push(row.id);
  }
  const [by] = userIds as [UserId];
  const roomIds: RoomId[] = [];
  for (let index = 0; index < roomCount; index++) {
    const { id } = await rooms.create({ name: `Room ${index}`, kind: "public", topic: "", by });
    for (const userId of userIds.slice(1)) await rooms.members.join({ userId, roomId: id });
    roomIds.push(id);
  }
  return { roomIds, userIds };
}

let number = 0;
async function sendOne({ roomIds, userIds }: SendOrder, acks: number[]): Promise<void> {
  const index = number++;
  const clientMessageId = `${Deno.pid}-${index}`;
  own.add(clientMessageId);
  const startedAt = preciseNow();
  const actor = {
    userId: userIds[index % userIds.length] as UserId,
    name: "Person",
    role: "member",
    isBot: false,
  } as const;
  const roomId = roomIds[Math.floor(index / userIds.length) % roomIds.length] as RoomId;
  // As long as a message that people write: about 90 characters.
  const text = `${startedAt.toFixed(3)} The tide tables are on the board; look at the second column again.`;
  await messages.send(actor, { roomId, clientMessageId, text, replyTo: null });
  acks.push(preciseNow() - startedAt);
}

async function send(order: SendOrder): Promise<number[]> {
  const acks: number[] = [];
  const endsAt = performance.now() + order.seconds * 1_000;
  if (order.perSecond === undefined) {
    await Promise.all(Array.from({ length: order.inFlight ?? 1 }, async () => {
      while (performance.now() < endsAt) await sendOne(order, acks);
    }));
    return acks;
  }
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let sent = 0; performance.now() < endsAt;) {
    const due = Math.floor((performance.now() - startedAt) * order.perSecond / 1_000);
    for (; sent < due; sent++) pending.push(sendOne(order, acks));
    await delay(1);
  }
  await Promise.all(pending);
  return acks;
}

await serveCommands({ port: 0 }, async (command) => {
  if ("prepare" in command) return await prepare(Number(command["prepare"]));
  if ("send" in command) return { acks: await send(command["send"] as SendOrder) };
  const answer = { seen };
  seen = [];
  return answer;
});
