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

/** Somebody with an account, and what a program shows to act as them. */
export interface SeededPerson {
  readonly id: UserId;
  readonly name: string;
  readonly role: Role;
  /** Session token, as it stands in the cookie. */
  readonly session: string;
  /** Bearer token; null for guests, who have none. */
  readonly token: string | null;
}

/** What was put into a folder. */
export interface Seeded {
  readonly owner: SeededPerson;
  readonly people: readonly SeededPerson[];
  readonly roomIds: readonly RoomId[];
}

/** What to put into a folder. */
export interface SeedPlan {
  /** Members besides the owner; all of them are in all rooms. */
  readonly names: readonly string[];
  /** Names of public rooms. */
  readonly rooms: readonly string[];
}

/** Puts people and rooms into a data folder through the stores, before a server opens it: no limit is in the way. */
export async function seed(dataDir: string, plan: SeedPlan): Promise<Seeded> {
  return await seedInto(await openDatabase(dataDir), plan);
}

/** The same for the database behind a KV Connect address. */
export async function seedShared(url: string, plan: SeedPlan): Promise<Seeded> {
  return await seedInto(await openRemoteDatabase({ url, log: QUIET }), plan);
}

async function seedInto(database: OpenedDatabase, plan: SeedPlan): Promise<Seeded> {
  const { services, close } = await createServices({
    config: parseConfig({}),
    log: QUIET,
    database,
    now: Date.now,
    publicUrl: () => "http://127.0.0.1",
  });
  try {
    const owner = await seedOwner(services);
    const people: SeededPerson[] = [];
    for (const name of plan.names) people.push(await seedPerson(services, name, "member"));
    const roomIds: RoomId[] = [];
    for (const name of plan.rooms) {
      const { id } = await services.rooms.create({ name, kind: "public", topic: "", by: owner.id });
      for (const person of people) await services.rooms.join({ userId: person.id, roomId: id });
      roomIds.push(id);
    }
    return { owner, people, roomIds };
  } finally {
    await close();
    await database.close();
  }
}

/** Makes the first owner, named Ana, as setup does. */
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

/** Makes an account in no room, with a session and a token. */
export async function seedPerson(services: Services, name: string, role: Role): Promise<SeededPerson> {
  const { row, commit } = await services.users.draft({ name, role });
  const session = services.sessions.draft({ userId: row.id, role, userAgent: "seed" });
  await services.db.commit({ ...commit, sets: [...commit.sets, ...session.sets] });
  const made = role === "guest"
    ? null
    : await services.tokens.create(row.id, { label: "seed", botName: null });
  return { id: row.id, name, role, session: session.token, token: made?.token ?? null };
}
