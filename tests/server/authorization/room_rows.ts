import type { UserId } from "../../../shared/ids.ts";
import { newId } from "../../../shared/ids.ts";
import { ALL, answers, inRooms, MODERATE, NO_ONE, NOT_GUESTS, one, READ, TAKE_PART } from "./answers.ts";
import type { Case, RoomInput, Row } from "./answers.ts";
import type { Actor, World } from "./world.ts";

const justRoom: RoomInput = (roomId) => ({ roomId });

/** Everybody in a room asks about a fellow member, who is there already or not, as the procedure needs. */
const withMember: RoomInput = async (roomId, world, actor, place) => {
  const { rooms } = world.app.services;
  if (place === "direct") return { roomId, userId: world.hostId };
  const userId = await world.neighbour(actor.userId);
  if (place !== "missing" && place !== "others") {
    await rooms.members.join({ roomId, userId, by: world.hostId });
  }
  return { roomId, userId };
};

const withNewcomer: RoomInput = async (roomId, world, actor) => ({
  roomId,
  userId: await world.neighbour(actor.userId),
});

/** A message of the host; of nobody where there is no room. */
const othersMessage: RoomInput = (roomId, world) => world.message(roomId, world.hostId);

/** A message of who asks; in a room that it is not in, from when it was. */
const ownMessage: RoomInput = (roomId, world, actor, place) => world.ownMessage(roomId, place, actor.userId);

/** Editing is for the author alone; not even a moderator changes what somebody else said. */
const EDIT_OTHERS = { joined: NO_ONE, moderated: NO_ONE, direct: NO_ONE, open: TAKE_PART.open };
const JOIN = READ;
const LEAVE = { ...READ, direct: NO_ONE };

/** Adds fields to the input that names the object. */
function plus(input: RoomInput, fields: object): RoomInput {
  return async (...args) => ({ ...await input(...args) as object, ...fields });
}

function named(prefix: string, row: Row): Row {
  return row.map((each) => ({ ...each, of: `${prefix} in ${each.of}` }));
}

/** A message that never was, in a room that everybody here may read. */
function missingMessage(fields: object): Case {
  return one("missing message in joined room", answers("not_found"), async (world, actor) => ({
    roomId: await world.room("joined public", actor.userId),
    offset: 999,
    ...fields,
  }));
}

async function moderated(world: World, actor: Actor, userId: UserId) {
  return { roomId: await world.room("moderated", actor.userId), userId };
}

async function stranger(world: World): Promise<UserId> {
  return (await world.person()).userId;
}

async function deactivated(world: World): Promise<UserId> {
  const userId = await stranger(world);
  await world.app.services.users.deactivate(userId, null);
  return userId;
}

const typing: RoomInput = (roomId, { app, hostId }) => {
  // Who comes to the room hears of it at once; nothing else would be heard by who is let in.
  app.services.typing.set({ userId: hostId, connection: null, key: "desk" }, roomId, true);
  return { roomId };
};

/** Rooms, messages and typing. */
export const ROOM_ROWS: Readonly<Record<string, Row>> = {
  "rooms.list": [one("own rooms", ALL)],
  "rooms.onChange": [one("own rooms", ALL, () => ({ also: ["typing", "presence"] }))],
  "rooms.browse": [one("public rooms", NOT_GUESTS, () => ({}))],
  "rooms.create": [
    one("public room", NOT_GUESTS, (world) => ({ name: world.name(), kind: "public" })),
    one("private room", NOT_GUESTS, (world) => ({ name: world.name(), kind: "private" })),
  ],
  "rooms.openDirect": [
    one("somebody", NOT_GUESTS, async (world) => ({ userId: await stranger(world) })),
    one("deactivated person", NO_ONE, async (world) => ({ userId: await deactivated(world) })),
    one(
      "missing person",
      answers("not_found", { guest: "not_allowed" }),
      () => ({ userId: newId<UserId>() }),
    ),
    one("oneself", answers("invalid_input", { guest: "not_allowed" }), (_, { userId }) => ({ userId })),
  ],
  "rooms.get": inRooms(READ, justRoom),
  "rooms.join": inRooms(JOIN, justRoom),
  "rooms.leave": inRooms(LEAVE, justRoom),
  "rooms.update": inRooms(MODERATE, plus(justRoom, { topic: "Fish" })),
  "rooms.archive": inRooms(MODERATE, plus(justRoom, { on: true })),
  "rooms.members": inRooms(READ, justRoom),
  "rooms.addMember": [
    ...inRooms(MODERATE, withNewcomer),
    {
      // A guest knows the people of its rooms, and nobody else.
      of: "stranger in moderated room",
      answers: answers("ok", { guest: "not_found" }),
      input: async (world, actor) => await moderated(world, actor, await stranger(world)),
      hiddenFrom: ["guest"],
    },
    {
      of: "deactivated stranger in moderated room",
      answers: answers("not_allowed", { guest: "not_found" }),
      input: async (world, actor) => await moderated(world, actor, await deactivated(world)),
      hiddenFrom: ["guest"],
    },
    {
      of: "missing person in moderated room",
      answers: answers("not_found"),
      input: (world, actor) => moderated(world, actor, newId<UserId>()),
      hiddenFrom: ["guest"],
    },
  ],
  "rooms.removeMember": inRooms(MODERATE, withMember),
  "rooms.setMemberRole": [
    ...inRooms(MODERATE, plus(withMember, { role: "moderator" })),
    one("who is no member of moderated room", answers("not_found"), async (world, actor) => ({
      ...await moderated(world, actor, await stranger(world)),
      role: "moderator",
    })),
    one(
      "oneself in joined room",
      answers("not_allowed", { admin: "ok", owner: "ok" }),
      async (world, { userId }) => (
        { roomId: await world.room("joined private", userId), userId, role: "moderator" }
      ),
    ),
  ],
  "rooms.readers": inRooms(READ, plus(justRoom, { offset: 1 })),
  "rooms.markRead": inRooms(TAKE_PART, plus(justRoom, { offset: 1 })),
  "rooms.setLevel": inRooms(TAKE_PART, plus(justRoom, { level: "none" })),

  "messages.send": inRooms(TAKE_PART, plus(justRoom, { clientMessageId: "m1", text: "Hello" })),
  "messages.edit": [
    ...named("own message", inRooms(TAKE_PART, plus(ownMessage, { text: "Hello again" }))),
    ...named("somebody's message", inRooms(EDIT_OTHERS, plus(othersMessage, { text: "Hello again" }))),
    missingMessage({ text: "Hello again" }),
  ],
  "messages.delete": [
    ...named("own message", inRooms({ ...TAKE_PART, open: MODERATE.open }, ownMessage)),
    ...named("somebody's message", inRooms(MODERATE, othersMessage)),
    missingMessage({}),
  ],
  "messages.react": [
    ...named("somebody's message", inRooms(TAKE_PART, plus(othersMessage, { emoji: "👍", on: true }))),
    missingMessage({ emoji: "👍", on: true }),
  ],
  "messages.list": inRooms(READ, justRoom),
  "messages.at": inRooms(READ, plus(justRoom, { time: "2026-01-01T00:00:00Z" })),
  "messages.since": inRooms(READ, (roomId, { app }) => ({
    roomId,
    position: app.services.messageEvents.positionAt(0),
  })),
  "messages.onEvent": inRooms(READ, justRoom),

  "typing.set": inRooms(TAKE_PART, plus(justRoom, { isTyping: true })),
  "typing.onTyping": inRooms(READ, typing),
};
