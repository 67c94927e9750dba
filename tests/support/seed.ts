import { parseConfig } from "../../server/config.ts";
import { createServices } from "../../server/create_services.ts";
import { openDatabase } from "../../server/kv/open_database.ts";
import type { OpenedDatabase } from "../../server/kv/open_database.ts";
import { openRemoteDatabase } from "../../server/kv/open_remote_database.ts";
import { Log } from "../../server/log.ts";
import type { Services } from "../../server/services.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Role } from "../../shared/user.ts";

const QUIET = new Log({ level: "error", format: "text" });
const SENDS_AT_ONCE_COUNT = 100;

/** A person, with credentials to act as them. */
export interface SeededPerson {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  /** Session token, the value of the cookie. */
  readonly session: string;
  /** Bearer token; null for guests, who have none. */
  readonly token: string | null;
}

/** What was created in a folder. */
export interface Seeded {
  readonly owner: SeededPerson;
  readonly people: readonly SeededPerson[];
  readonly roomIds: readonly RoomId[];
}

/** What to create in a folder. */
export interface SeedPlan {
  /** Members besides the owner; everybody is in all rooms. */
  readonly names: readonly string[];
  /** Names of public rooms. */
  readonly rooms: readonly string[];
}

/** Creates people and rooms in a data folder through the stores, before a server opens it, without rate limits. */
export async function seed(dataDir: string, plan: SeedPlan): Promise<Seeded> {
  return await seedDatabase(await openDatabase(dataDir), plan);
}

/** Like `seed`, for the database at a KV Connect address. */
export async function seedShared(url: string, plan: SeedPlan): Promise<Seeded> {
  return await seedDatabase(await openRemoteDatabase({ url, log: QUIET }), plan);
}

/** Like `seed`, for any database, which is closed at the end. */
export function seedDatabase(database: OpenedDatabase, plan: SeedPlan): Promise<Seeded> {
  return onStores(database, async (services) => {
    const owner = await seedOwner(services);
    const people: SeededPerson[] = [];
    for (const name of plan.names) people.push(await seedPerson(services, name, "member"));
    const roomIds: RoomId[] = [];
    for (const name of plan.rooms) {
      const { id } = await services.rooms.create({ name, kind: "public", topic: "", by: owner.id });
      for (const person of people) await services.rooms.members.join({ userId: person.id, roomId: id });
      roomIds.push(id);
    }
    return { owner, people, roomIds };
  });
}

/** Changes a data folder that no server has open. */
export async function withStores<T>(dataDir: string, work: (services: Services) => Promise<T>): Promise<T> {
  return await onStores(await openDatabase(dataDir), work);
}

async function onStores<T>(database: OpenedDatabase, work: (services: Services) => Promise<T>): Promise<T> {
  const { services, close } = await createServices({
    config: parseConfig({}),
    log: QUIET,
    database,
    now: Date.now,
    publicUrl: () => "http://127.0.0.1",
  });
  try {
    return await work(services);
  } finally {
    await close();
    await database.close();
  }
}

/** Fills a room with messages by everybody in turn, read by everybody: "Line 1", "Line 2" … */
export async function seedMessages(
  dataDir: string,
  { owner, people }: Seeded,
  { roomId, count }: { readonly roomId: RoomId; readonly count: number },
): Promise<void> {
  const everybody = [owner, ...people];
  await withStores(dataDir, async (services) => {
    const send = (number: number) => {
      const by = everybody[number % everybody.length] ?? owner;
      return services.messages.send({ userId: by.id, role: by.role, isBot: false }, {
        roomId,
        clientMessageId: `line-${number}`,
        text: `Line ${number}`,
        replyTo: null,
      });
    };
    let offset = 0;
    for (let first = 1; first <= count; first += SENDS_AT_ONCE_COUNT) {
      const length = Math.min(SENDS_AT_ONCE_COUNT, count - first + 1);
      const sent = await Promise.all(Array.from({ length }, (_, index) => send(first + index)));
      offset = sent.at(-1)?.offset ?? offset;
    }
    for (const { id } of everybody) {
      await services.rooms.readStates.mark({ userId: id, roomId, offset, unread: false });
    }
  });
}

/** Creates the first owner, named Ana, like setup. */
export async function seedOwner(services: Services): Promise<SeededPerson> {
  const { user, session } = await services.registrations.setUp({
    token: await services.setups.issue() ?? "",
    name: "Ana",
    passwordHash: "none",
    workspaceName: "Parley",
    userAgent: "seed",
  });
  await services.pendingRooms.join(user.id);
  const { token } = await services.tokens.create(user.id, { label: "seed", botName: null });
  return { id: user.id, name: user.name, role: "owner", session: session.token, token };
}

/** Creates an account in no room, with a session and a token. */
export async function seedPerson(services: Services, name: string, role: Role): Promise<SeededPerson> {
  const { row, commit } = await services.users.prepare({ name, role });
  const session = services.sessions.prepare({ userId: row.id, role, userAgent: "seed" });
  await services.db.commit({ ...commit, sets: [...commit.sets, ...session.sets] });
  const made = role === "guest"
    ? null
    : await services.tokens.create(row.id, { label: "seed", botName: null });
  return { id: row.id, name, role, session: session.token, token: made?.token ?? null };
}
