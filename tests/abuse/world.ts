import type { Services } from "../../server/services.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { PUBLIC_TEXT_MAX_CODE_POINTS } from "../../shared/limits.ts";
import type { Role } from "../../shared/user.ts";
import { formatPosition } from "../../shared/position.ts";
import { PUBLIC_STREAM } from "../../server/status/status_stream.ts";
import { builtClient } from "../support/built_client.ts";
import { seed, seedPerson, withStores } from "../support/seed.ts";
import type { SeededPerson } from "../support/seed.ts";
import { ATTACK_ROWS } from "./rows.ts";
import type { World } from "./rows.ts";

/** Honest people, each in a room of their own. */
export interface Honest {
  readonly person: SeededPerson;
  readonly roomId: RoomId;
}

/** A person who abuses one procedure, and what they know. */
export interface Attacker {
  /** The name of the row. */
  readonly name: string;
  readonly session: string;
  readonly world: World;
}

/** Everything that was created in the folder. */
export interface Scene {
  readonly honest: readonly Honest[];
  readonly attackers: readonly Attacker[];
}

const HONEST_COUNT = 40;
const HONEST_ROOMS = ["Pier", "Quay", "Dock", "Slip"];
const BYSTANDER_COUNT = 60;
const LARGE_MESSAGE_COUNT = 100;
const LARGE_TEXT = "🌊".repeat(3_900);
const MANY_ROOMS_COUNT = 200;
const EMOJI = ["👍", "🎉", "🌊", "⚓", "🐟", "🦀", "⛵", "🐳"];
/** Incidents on the status page; so much is open of maintenances and announcements too. */
const OPEN_COUNT = 10;
const CLOSED_COUNT = 20;
const PUBLIC_SENTENCE =
  "The **live** connection is _slow_ for some of us, see [here](https://example.org/a). ";
const INVITE = { maxUses: 1_000, expiresInMs: 3_600_000 };

/** Fills a data folder: honest people who chat, a room of large messages, and the attackers. */
export async function makeScene(folder: string, names: readonly string[]): Promise<Scene> {
  const seeded = Array.from({ length: HONEST_COUNT + BYSTANDER_COUNT }, (_, index) => nameOf(index));
  const { owner, people } = await seed(folder, { names: seeded, rooms: [] });
  const honest = people.slice(0, HONEST_COUNT);
  const bystanders = people.slice(HONEST_COUNT);
  return await withStores(folder, async (services) => {
    const { rooms, invites } = services;
    const openRoom = (name: string) => rooms.create({ name, kind: "public", topic: "", by: owner.id });
    const honestRooms: RoomId[] = [];
    for (const name of HONEST_ROOMS) honestRooms.push((await openRoom(name)).id);
    const placed = honest.map((person, index) => ({
      person,
      roomId: honestRooms[index % honestRooms.length] as RoomId,
    }));
    for (const { person, roomId } of placed) await rooms.members.join({ userId: person.id, roomId });
    const roomId = (await openRoom("Large")).id;
    const otherRoomId = (await openRoom("Other")).id;
    for (const { id } of bystanders) await rooms.members.join({ userId: id, roomId });
    await fill(services, { roomId, people: [owner, ...bystanders] });
    const head = await services.roomLog.head(roomId);
    const { epoch } = services.roomLog;
    const incidents = await fillStatus(services, owner);
    const statusHead = await services.status.log.head(PUBLIC_STREAM);
    const common = {
      roomId,
      otherRoomId,
      head: formatPosition({ epoch, offset: head.offset }),
      earlier: formatPosition({ epoch, offset: Math.max(0, head.offset - 100) }),
      headOffset: head.offset,
      userIds: bystanders.map(({ id }) => id),
      memberInvite: (await invites.create({ role: "member", roomId: null, by: owner.id, ...INVITE })).code,
      guestInvite: (await invites.create({ role: "guest", roomId, by: owner.id, ...INVITE })).code,
      incidents,
      statusStart: formatPosition({ epoch, offset: 0 }),
      statusHead: formatPosition({ epoch, offset: statusHead.offset }),
      filePaths: (await builtClient()).map(({ path }) => path),
    };
    const manyRooms: RoomId[] = [];
    for (let index = 0; index < MANY_ROOMS_COUNT; index++) {
      manyRooms.push((await openRoom(`Room ${index}`)).id);
    }
    const attackers: Attacker[] = [];
    const [peer] = bystanders;
    if (peer === undefined) throw new RangeError("There is nobody to call");
    for (const [index, name] of names.entries()) {
      const attack = ATTACK_ROWS[name];
      const row = attack === undefined || "routes" in attack ? undefined : attack;
      const person = await seedPerson(services, `Mallory ${index}`, (row?.as ?? "member") as Role);
      await rooms.members.join({ userId: person.id, roomId });
      if (row?.hasRooms) {
        for (const id of manyRooms) await rooms.members.join({ userId: person.id, roomId: id });
      }
      const own = await ownRoom(services, person, bystanders.slice(0, 5).map(({ id }) => id));
      attackers.push({
        name,
        session: person.session,
        world: {
          ...common,
          ...own,
          userId: person.id,
          tag: `M${index}`,
          peerSession: peer.session,
          call: { callId: "", participantId: "", peerId: "" },
        },
      });
    }
    return { honest: placed, attackers };
  });
}

function nameOf(index: number): string {
  return index < HONEST_COUNT ? `Honest ${index}` : `Bystander ${index}`;
}

/** A hundred messages of maximum size, the last one with many reactions. */
async function fill(
  { messages }: Services,
  { roomId, people }: { readonly roomId: RoomId; readonly people: readonly SeededPerson[] },
): Promise<void> {
  const actors = people.map(({ id, role }) => ({ userId: id, role, isBot: false }));
  let offset = 0;
  for (let index = 0; index < LARGE_MESSAGE_COUNT; index++) {
    const actor = actors[index % actors.length];
    if (actor === undefined) continue;
    const message = { roomId, clientMessageId: `large-${index}`, text: LARGE_TEXT, replyTo: null };
    offset = (await messages.send(actor, message)).offset;
  }
  for (const actor of actors) {
    for (const emoji of EMOJI) await messages.react(actor, { roomId, offset, emoji, on: true });
  }
}

/** A status page with much to read: some of it is open, more is over. */
async function fillStatus({ status }: Services, { id: by }: SeededPerson): Promise<World["incidents"]> {
  const { incidents, maintenances, announcements } = status;
  const text = PUBLIC_SENTENCE.repeat(Math.floor(PUBLIC_TEXT_MAX_CODE_POINTS / PUBLIC_SENTENCE.length));
  const made: World["incidents"][number][] = [];
  for (let index = 0; index < OPEN_COUNT + CLOSED_COUNT; index++) {
    const components = [{ id: "live", status: "degraded_performance" }] as const;
    const id = await incidents.open({ title: `Slow ${index}`, text, components }, by);
    const updateId = await incidents.update({ id, state: "identified", text }, by);
    if (index >= OPEN_COUNT) await incidents.update({ id, state: "resolved", text }, by);
    made.push({ id, updateId });
  }
  const [startsAt, endsAt] = ["2040-01-01T00:00:00Z", "2040-01-02T00:00:00Z"];
  for (let index = 0; index < OPEN_COUNT; index++) {
    await maintenances.plan({ title: `Move ${index}`, text, components: ["storage"], startsAt, endsAt }, by);
    await announcements.announce({ text, level: "info" }, by);
  }
  return made;
}

async function ownRoom(
  { rooms, messages }: Services,
  person: SeededPerson,
  userIds: readonly UserId[],
): Promise<Pick<World, "ownRoomId" | "offset">> {
  const actor = { userId: person.id, role: person.role, isBot: false };
  const { id } = await rooms.create({
    name: `Den ${person.name}`,
    kind: "private",
    topic: "",
    by: person.id,
  });
  for (const userId of userIds) await rooms.members.join({ roomId: id, userId, by: person.id });
  const sent = await messages.send(actor, {
    roomId: id,
    clientMessageId: "first",
    text: "Mine",
    replyTo: null,
  });
  return { ownRoomId: id, offset: sent.offset };
}
