/** The whole server in this process on a file, and people in many rooms, most of them with something unread. */
import { parseConfig } from "../../../server/config.ts";
import { startServer } from "../../../server/server.ts";
import { newId } from "../../../shared/ids.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import type { Role } from "../../../shared/user.ts";
import { serveCommands } from "../process.ts";

const [dataDir = ":memory:", roomCount = "0", readerCount = "1"] = Deno.args;
const MESSAGES_IN_FIRST_COUNT = 60;
const MESSAGES_ELSEWHERE_COUNT = 2;
/** One room in so many mentions the person, and one in so many is read. */
const EVERY_COUNT = 10;

const config = { ...parseConfig({ PORT: "0" }), dataDir };
const server = await startServer(config, { announce: () => {} });
const { db, users, sessions, rooms, messages } = server.services;

const writer = await person("Writer", "owner");
const readers: { userId: UserId; cookie: string }[] = [];
for (let number = 1; number <= Number(readerCount); number++) {
  readers.push(await person(`Reader ${number}`, "member"));
}
const roomIds: RoomId[] = [];
for (let index = 0; index < Number(roomCount); index++) {
  const { id } = await rooms.create({
    name: `Room ${index}`,
    kind: "public",
    topic: "What is due",
    by: writer.userId,
  });
  for (const { userId } of readers) await rooms.members.join({ userId, roomId: id });
  roomIds.push(id);
  if (index > 0 && index % EVERY_COUNT === 1) continue;
  const count = index === 0 ? MESSAGES_IN_FIRST_COUNT : MESSAGES_ELSEWHERE_COUNT;
  for (let number = 0; number < count; number++) {
    await say(
      id,
      index % EVERY_COUNT === 0
        ? "@Reader 1, the tide tables are on the board"
        : "The tide tables are on the board",
    );
  }
}

await serveCommands(
  { port: server.port, cookies: readers.map(({ cookie }) => cookie), roomId: roomIds[0] ?? null },
  async ({ post }) => {
    const roomId = roomIds[Number(post)];
    if (roomId !== undefined) await say(roomId, "Somebody writes meanwhile");
    return {};
  },
);

async function person(name: string, role: Role) {
  const { row, commit } = await users.prepare({ name, role, rooms: [] });
  const session = sessions.prepare({ userId: row.id, role: row.role, userAgent: "bench" });
  await db.commit({ ...commit, sets: [...commit.sets ?? [], ...session.sets] });
  return { userId: row.id, cookie: `sid=${session.token}` };
}

async function say(roomId: RoomId, text: string): Promise<void> {
  const actor = { userId: writer.userId, role: "owner", isBot: false } as const;
  await messages.send(actor, { roomId, clientMessageId: newId(), text, replyTo: null });
}
