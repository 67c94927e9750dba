import type { AppErrorCode } from "../../../shared/errors.ts";
import { PLACES } from "./world.ts";
import type { Actor, Place, RoleName, World } from "./world.ts";
import type { RoomId } from "../../../shared/ids.ts";

/** What a caller hears: its result, or why not. */
export type Answer = "ok" | AppErrorCode;

/** What each role hears. */
export type Answers = Readonly<Record<RoleName, Answer>>;

/** A procedure called with one kind of object. */
export interface Case {
  /** What the object is. */
  readonly of: string;
  /** Makes the object and gives the input that names it; none when the procedure takes none. */
  readonly input?: (world: World, actor: Actor) => unknown;
  readonly answers: Answers;
  /** What everybody hears over WebSocket, where no answer can set a cookie. */
  readonly overSocket?: Answer;
  /** To whom this must look, byte by byte, like the other cases of the row that are hidden from it. */
  readonly hiddenFrom?: readonly RoleName[];
}

/** All that is asked of one procedure. */
export type Row = readonly Case[];

/** The same for all who are signed in, but for `others`. */
export function answers(base: Answer, others: Partial<Answers> = {}): Answers {
  return {
    nobody: "unauthenticated",
    guest: base,
    member: base,
    bot: base,
    admin: base,
    owner: base,
    ...others,
  };
}

/** One answer for owners and admins, another one for the rest. */
export function managers(answer: Answer, rest: Answer, others: Partial<Answers> = {}): Answers {
  return answers(rest, { admin: answer, owner: answer, ...others });
}

export const ALL = answers("ok");
export const EVERYBODY = answers("ok", { nobody: "ok" });
export const NOT_GUESTS = answers("ok", { guest: "not_allowed" });
export const NO_ONE = answers("not_allowed");

/** What each role may do where. Hidden rooms and missing ones are NOT_FOUND for everybody. */
export interface RoomRights {
  /** In a public or private room, as a plain member. */
  readonly joined: Answers;
  /** As its moderator. */
  readonly moderated: Answers;
  /** In one's own direct room. */
  readonly direct: Answers;
  /** In a public room that one has not joined. */
  readonly open: Answers;
}

/** Get, list, members, subscribe. */
export const READ: RoomRights = {
  joined: ALL,
  moderated: ALL,
  direct: ALL,
  open: answers("ok", { guest: "not_found" }),
};

/** Send and all that leaves something behind. */
export const TAKE_PART: RoomRights = { ...READ, open: answers("not_allowed", { guest: "not_found" }) };

/** Rename, add, remove, delete others' messages. */
export const MODERATE: RoomRights = {
  joined: managers("ok", "not_allowed"),
  moderated: ALL,
  direct: NO_ONE,
  open: managers("ok", "not_allowed", { guest: "not_found" }),
};

/** Makes the input for a room that stands to the actor as `place` says. */
export type RoomInput = (roomId: RoomId, world: World, actor: Actor, place: Place) => unknown;

const SIGNED_IN = ["guest", "member", "bot", "admin", "owner"] as const;

/** A case for each kind of room. */
export function inRooms(rights: RoomRights, input: RoomInput): Row {
  return PLACES.map((place): Case => ({
    of: `${place} room`,
    input: async (world, actor) => await input(await world.room(place, actor.userId), world, actor, place),
    answers: answersIn(place, rights),
    hiddenFrom: isHidden(place) ? SIGNED_IN : place === "open" ? ["guest"] : [],
  }));
}

/** One case with one object. */
export function one(of: string, expected: Answers, input?: Case["input"]): Case {
  return { of, answers: expected, ...(input === undefined ? {} : { input }) };
}

function isHidden(place: Place): boolean {
  return place === "closed" || place === "others" || place === "missing";
}

function answersIn(place: Place, { joined, moderated, direct, open }: RoomRights): Answers {
  if (isHidden(place)) return answers("not_found");
  return place === "direct" ? direct : place === "moderated" ? moderated : place === "open" ? open : joined;
}
