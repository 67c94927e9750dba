/** A whole server with its client, rooms with a little history, and people who talk on command, in the first room or in the others. */
import { parseConfig } from "../../../server/config.ts";
import { IN_MEMORY } from "../../../server/kv/open_database.ts";
import { startServer } from "../../../server/server.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { builtClient } from "../../support/built_client.ts";
import { seedOwner, seedPerson } from "../../support/seed.ts";
import type { SeededPerson } from "../../support/seed.ts";
import { delay, serveCommands } from "../process.ts";
import { TALK_TEXTS } from "../talk_texts.ts";

const TALKER_COUNT = 8;
const roomCount = Number(Deno.args[0] ?? "1");
const lineCount = Number(Deno.args[1] ?? "0");

/** Where browsers think that they are, when something stands in between. */
const publicUrl = Deno.args[2];
const config = {
  ...parseConfig({ PORT: "0", ...publicUrl === undefined ? {} : { PUBLIC_URL: publicUrl } }),
  dataDir: IN_MEMORY,
};
const server = await startServer(config, { announce: () => {}, files: await builtClient() });
const { rooms, messages } = server.services;

const owner = await seedOwner(server.services);
const talkers: SeededPerson[] = [];
for (let index = 0; index < TALKER_COUNT; index++) {
  talkers.push(await seedPerson(server.services, `Person ${index}`, "member"));
}
const roomIds: RoomId[] = [];
for (let index = 0; index < roomCount; index++) {
  const name = `Room ${index + 1}`;
  const { id } = await rooms.create({ name, kind: "public", topic: "", by: owner.id });
  for (const { id: userId } of talkers) await rooms.members.join({ userId, roomId: id });
  let offset = 0;
  for (let line = 1; line <= lineCount; line++) offset = await say(id, line, `${name}, line ${line}`);
  await rooms.readStates.mark({ userId: owner.id, roomId: id, offset, unread: false });
  roomIds.push(id);
}

let saidCount = 0;

async function say(roomId: RoomId, number: number, text: string): Promise<number> {
  const by = talkers[Math.floor(number / 3) % talkers.length] as SeededPerson;
  const { offset } = await messages.send({ userId: by.id, role: by.role, isBot: false }, {
    roomId,
    clientMessageId: crypto.randomUUID(),
    text,
    replyTo: null,
  });
  return offset;
}

/** Talks evenly for as long as it takes; gives the last words. */
async function talk(count: number, perSecond: number, isElsewhere: boolean): Promise<string> {
  const places = isElsewhere ? roomIds.slice(1) : roomIds.slice(0, 1);
  const startedAt = performance.now();
  const sends: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    const dueMs = startedAt + index * 1_000 / perSecond - performance.now();
    if (dueMs > 0) await delay(dueMs);
    saidCount++;
    const roomId = places[index % places.length] as RoomId;
    // Sends overtake each other; the last words come last.
    if (index === count - 1) await Promise.all(sends);
    sends.push(say(roomId, saidCount, `${TALK_TEXTS[saidCount % TALK_TEXTS.length]} — word ${saidCount}.`));
  }
  await Promise.all(sends);
  return `word ${saidCount}.`;
}

await serveCommands(
  { port: server.port, roomIds, session: owner.session },
  async ({ count, perSecond, isElsewhere }) => ({
    last: await talk(Number(count), Number(perSecond), isElsewhere === true),
  }),
);
