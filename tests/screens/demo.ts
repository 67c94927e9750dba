import { hueOf } from "../../client/ui/hue.ts";
import { parseConfig } from "../../server/config.ts";
import { createServices } from "../../server/create_services.ts";
import { openDatabase } from "../../server/kv/open_database.ts";
import { Log } from "../../server/log.ts";
import type { Services } from "../../server/services.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Role } from "../../shared/user.ts";
import { BOT, OWNER, PEOPLE, TALKS, VIEWER } from "./harbour.ts";
import type { Line, Person, Talk } from "./harbour.ts";
import { fillUptime } from "./status_scene.ts";

/** Somebody with an account and a session. */
export interface DemoPerson {
  readonly id: UserId;
  readonly role: Role;
  readonly session: string;
}

/** The workspace as it was put into the folder. */
export interface Demo {
  readonly people: ReadonlyMap<string, DemoPerson>;
  /** By name; direct rooms under the other person's. */
  readonly rooms: ReadonlyMap<string, RoomId>;
  readonly inviteCode: string;
  readonly resetToken: string;
}

/** Where it is between ten and eleven in the morning now: what was said "today at 8" is past then, whenever this runs. */
export interface DemoZone {
  readonly timeZone: string;
  /** Midnight there, in epoch milliseconds. */
  readonly midnight: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Faces nearer to each other than this look alike. */
const HUE_GAP = 30;

/** Finds a time zone for which it is a working morning. */
export function morningZone(now: number): DemoZone {
  const hour = new Date(now).getUTCHours();
  const east = (10 - hour + 36) % 24 - 12;
  // In these names the sign stands for west (POSIX).
  const timeZone = east === 0 ? "Etc/GMT" : `Etc/GMT${east > 0 ? "-" : "+"}${Math.abs(east)}`;
  const localNow = now + east * HOUR_MS;
  return { timeZone, midnight: localNow - localNow % DAY_MS - east * HOUR_MS };
}

/** Puts the workspace into a folder, through the stores, before a server opens it. */
export async function fillDemo(dataDir: string, zone: DemoZone): Promise<Demo> {
  const database = await openDatabase(dataDir);
  const clock = { now: zone.midnight - 20 * DAY_MS };
  const { services, close } = await createServices({
    config: parseConfig({ DATA_DIR: dataDir }),
    log: new Log({ level: "error", format: "text" }),
    database,
    now: () => clock.now,
    publicUrl: () => "http://127.0.0.1",
  });
  try {
    const actors = await makePeople(services);
    const places: Place[] = [];
    for (const talk of TALKS) {
      clock.now += 1_000;
      places.push({ talk, roomId: await makeRoom(services, talk, actors), offsets: [] });
    }
    await say(services, { clock, zone, actors, places });
    clock.now = Date.now();
    for (const place of places) await finish(services, place, actors);
    for (const { name, status } of PEOPLE) {
      if (status !== undefined) await services.presence.setText(idOf(actors, name), { text: status });
    }
    const people = new Map<string, DemoPerson>();
    for (const [name, { userId, role }] of actors) {
      const { token, sets } = services.sessions.prepare({ userId, role, userAgent: USER_AGENT });
      await services.db.commit({ checks: [], sets });
      people.set(name, { id: userId, role, session: token });
    }
    const { code } = await services.invites.create({
      role: "member",
      roomId: null,
      maxUses: 25,
      expiresInMs: 7 * DAY_MS,
      by: idOf(actors, OWNER),
    });
    await fillUptime(services, Date.now());
    const resetToken = await services.resets.issue(idOf(actors, "Dara"), idOf(actors, OWNER));
    return { people, rooms: new Map(places.map(nameOfPlace)), inviteCode: code, resetToken };
  } finally {
    await close();
    await database.close();
  }
}

const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36";

interface Actor {
  readonly userId: UserId;
  readonly role: Role;
  readonly isBot: boolean;
}

type Actors = ReadonlyMap<string, Actor>;

interface Place {
  readonly talk: Talk;
  readonly roomId: RoomId;
  /** Where its lines came to stand. */
  readonly offsets: number[];
}

async function makePeople(services: Services): Promise<Actors> {
  const actors = new Map<string, Actor>();
  const hues: number[] = [];
  for (const person of PEOPLE) {
    const userId = person.role === "owner"
      ? await makeOwner(services, person)
      : await makePerson(services, person, hues);
    actors.set(person.name, { userId, role: person.role, isBot: false });
    hues.push(hueOf(userId));
    if (person.role !== "owner") continue;
    const botId = await makeBot(services, userId);
    actors.set(BOT, { userId: botId, role: "member", isBot: true });
    hues.push(hueOf(botId));
  }
  return actors;
}

async function makeBot(services: Services, madeBy: UserId): Promise<UserId> {
  const { token } = await services.tokens.create(madeBy, { label: "Releases", botName: BOT });
  const bot = await services.tokens.findByToken(token);
  if (bot === null) throw new Error("The bot has no account");
  return bot.userId;
}

async function makeOwner(services: Services, { name }: Person): Promise<UserId> {
  const { user } = await services.registrations.setUp({
    token: await services.setups.issue() ?? "",
    name,
    passwordHash: await services.hasher.hash("correct horse battery", ["demo"]),
    workspaceName: "Harbour",
    userAgent: USER_AGENT,
  });
  await services.pendingRooms.join(user.id);
  return user.id;
}

/** Ids are random, and colours come from them: drawn until nobody looks like somebody else. */
async function makePerson(services: Services, person: Person, hues: readonly number[]): Promise<UserId> {
  for (let tries = 0;; tries++) {
    const { row, commit } = await services.users.prepare({ name: person.name, role: person.role });
    const hue = hueOf(row.id);
    const isNear = hues.some((other) =>
      Math.min((hue - other + 360) % 360, (other - hue + 360) % 360) < HUE_GAP
    );
    if (isNear && tries < 500) continue;
    await services.db.commit(commit);
    return row.id;
  }
}

async function makeRoom(services: Services, talk: Talk, actors: Actors): Promise<RoomId> {
  const [first = "", ...others] = talk.members;
  const by = idOf(actors, first);
  if (talk.kind === "direct") return (await services.rooms.openDirect(by, idOf(actors, others[0] ?? ""))).id;
  const { name, topic, kind } = talk;
  const general = name === "General" ? await services.rooms.general() : null;
  const roomId = general ?? (await services.rooms.create({ name, kind, topic, by })).id;
  if (general !== null) await services.rooms.update({ roomId, by, topic });
  for (const other of others) await services.rooms.members.join({ userId: idOf(actors, other), roomId });
  if (talk.lines.some((line) => line.by === BOT)) {
    await services.rooms.members.join({ userId: idOf(actors, BOT), roomId, by });
  }
  return roomId;
}

interface Scene {
  readonly clock: { now: number };
  readonly zone: DemoZone;
  readonly actors: Actors;
  readonly places: readonly Place[];
}

/** In the order of time over all rooms, since the stores' clock only goes forward. */
async function say(services: Services, { clock, zone, actors, places }: Scene): Promise<void> {
  const offsetByKey = new Map<string, number>();
  const said = places.flatMap((place) => place.talk.lines.map((line) => ({ place, line })))
    .map((one, index) => ({ ...one, index, at: timeOf(one.line, zone) }))
    .toSorted((a, b) => a.at - b.at || a.index - b.index);
  for (const { place, line, at, index } of said) {
    clock.now = Math.max(at, clock.now + 1);
    const { roomId } = place;
    const message = await services.messages.send(actorOf(actors, line.by), {
      roomId,
      clientMessageId: `line-${index}`,
      text: line.text,
      replyTo: line.replyTo === undefined ? null : offsetByKey.get(line.replyTo) ?? null,
    });
    place.offsets.push(message.offset);
    if (line.key !== undefined) offsetByKey.set(line.key, message.offset);
    for (const [emoji, names] of Object.entries(line.reactions ?? {})) {
      for (const name of names) {
        await services.messages.react(actorOf(actors, name), {
          roomId,
          offset: message.offset,
          emoji,
          on: true,
        });
      }
    }
  }
}

/** Archives what is over, and leaves the last lines unread for the viewer alone. */
async function finish(services: Services, { talk, roomId, offsets }: Place, actors: Actors): Promise<void> {
  if (talk.isArchived) {
    await services.rooms.update({ roomId, by: idOf(actors, talk.members[0] ?? ""), isArchived: true });
  }
  for (const name of talk.members) {
    const offset = offsets.at(name === VIEWER ? -1 - talk.unreadCount : -1);
    if (offset === undefined) continue;
    await services.rooms.readStates.mark({ userId: idOf(actors, name), roomId, offset, unread: true });
  }
}

function nameOfPlace({ talk, roomId }: Place): [string, RoomId] {
  return [talk.kind === "direct" ? talk.members[0] ?? "" : talk.name, roomId];
}

function timeOf({ day, at }: Line, { midnight }: DemoZone): number {
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  return midnight - day * DAY_MS + hours * HOUR_MS + minutes * 60_000;
}

function actorOf(actors: Actors, name: string): Actor {
  const actor = actors.get(name);
  if (actor === undefined) throw new Error(`Nobody is called ${name}`);
  return actor;
}

function idOf(actors: Actors, name: string): UserId {
  return actorOf(actors, name).userId;
}
