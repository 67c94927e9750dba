/** The whole server in this process, with people and a room made through its stores before anybody connects. */
import { parseConfig } from "../../../server/config.ts";
import { cookieName } from "../../../server/net/credentials.ts";
import { startServer } from "../../../server/server.ts";
import { roomTopic } from "../../../server/rooms/room_stream.ts";
import { formatPosition } from "../../../shared/position.ts";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { pushSubscription } from "../../support/push_subscription.ts";
import { sentMessage } from "../../support/sent_message.ts";
import { serveCommands } from "../process.ts";

const TEXT = "The tide tables are on the board; the second column was an hour off, please look again.";
const peopleCount = Number(Deno.args[0] ?? "0");
const dataDir = Deno.args[1] ?? ":memory:";
/** People are spread over as many rooms, so that no limit of a room is reached. */
const roomCount = Number(Deno.args[2] ?? "1");
/** So many of them have push notifications on; the push service takes everything at once. */
const deviceCount = Number(Deno.args[3] ?? "0");

const pushHosts = deviceCount > 0 ? ["fcm.googleapis.com"] : [];
// Push services want to know whom to complain to.
const publicUrl = deviceCount > 0 ? "https://bench.example.org" : null;
const config = { ...parseConfig({ PORT: "0" }), dataDir, publicUrl, pushHosts };
const push = { fetch: () => Promise.resolve(new Response(null, { status: 201 })) };
const server = await startServer(config, { announce: () => {}, push });
const { services } = server;
const { db, users, sessions, rooms, hub, roomLog } = services;

const people: { cookie: string; address: string; userId: string; roomId: RoomId }[] = [];
const roomIds: RoomId[] = [];
for (let index = 0; index < peopleCount; index++) {
  const { row, commit } = await users.prepare({ name: `Person ${index}`, role: "member", rooms: [] });
  const session = sessions.prepare({ userId: row.id, role: row.role, userAgent: "bench" });
  await db.commit({ ...commit, sets: [...commit.sets ?? [], ...session.sets] });
  if (roomIds.length < roomCount) {
    roomIds.push((await rooms.create({ name: `Room ${index}`, kind: "public", topic: "", by: row.id })).id);
  }
  const roomId = roomIds[index % roomCount] as RoomId;
  await rooms.members.join({ userId: row.id, roomId });
  if (index < deviceCount) {
    await services.push.subscriptions.subscribe(row.id, session.row.id, pushSubscription(index));
  }
  // Limits go by address: each person has one of its own, 127.1.x.y.
  const address = `127.1.${1 + (index >> 8)}.${index & 255}`;
  people.push({
    cookie: `${cookieName(publicUrl !== null)}=${session.token}`,
    address,
    userId: row.id,
    roomId,
  });
}
const roomId = roomIds[0];
let offset = roomId === undefined ? 0 : (await roomLog.head(roomId)).offset;

function nextEvent(roomId: RoomId): RoomEvent {
  const at = new Date().toISOString();
  const by = people[0]?.userId as RoomEvent["by"];
  offset++;
  const message = sentMessage({
    roomId,
    offset,
    by,
    at,
    text: TEXT,
    clientMessageId: "0123456789abcdef",
  });
  return { offset, at, by, type: "message_sent", messageOffset: offset, message };
}

const sample = roomId === undefined ? null : nextEvent(roomId);
offset = roomId === undefined ? 0 : (await roomLog.head(roomId)).offset;
const position = formatPosition({ epoch: roomLog.epoch, offset: 100_000 });

await serveCommands({
  port: server.port,
  origin: publicUrl ?? server.url,
  people,
  roomId,
  event: sample,
  position,
  // What one subscriber gets of one message, as the raw loop sends it.
  text: JSON.stringify({
    id: 1,
    result: { type: "data", data: { id: position, data: sample }, id: position },
  }),
  subscribe: JSON.stringify({
    id: 1,
    method: "subscription",
    params: { path: "messages.onEvent", input: { roomId } },
  }),
}, ({ publish, pushes }) => {
  if (pushes === true) return { sentCount: services.push.sender.counts.sent };
  if (roomId === undefined) return {};
  for (let index = 0; index < Number(publish ?? 0); index++) {
    const event = nextEvent(roomId);
    // Straight to the hub: this measures delivery, not storage. Durable posts have a benchmark of their own.
    hub.publish(roomTopic(roomId), {
      value: event,
      offset: event.offset,
      position: formatPosition({ epoch: roomLog.epoch, offset: event.offset }),
    });
  }
  return { ...hub.stats };
});
