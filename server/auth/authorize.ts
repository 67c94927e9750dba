import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { RoomKind, RoomRole } from "../../shared/room.ts";
import type { Role } from "../../shared/user.ts";

/** The properties of an actor that decide about rights. Every `Actor` has them. */
export interface ActorRights {
  readonly userId: UserId;
  readonly role: Role;
  readonly isBot: boolean;
}

/** A room and the actor's membership, which is null if they have not joined. */
export interface RoomObject {
  readonly kind: RoomKind;
  readonly membership: RoomRole | null;
}

/** A message in a room. */
export interface MessageObject extends RoomObject {
  readonly by: UserId;
}

/** An account that somebody else wants to change. */
export interface AccountObject {
  readonly role: Role;
  readonly isBot: boolean;
  /** The maker of a bot; null for people and for the server's own bot. */
  readonly ownerId: UserId | null;
}

/** An invitation that is about to be created or used. */
export interface InviteObject {
  readonly role: "member" | "guest";
  readonly room: RoomObject | null;
  readonly membersMayInvite: boolean;
}

/** Every action and the object it applies to; null if only the actor matters. */
interface ActionObjects {
  /** Get, list, members, subscribe. */
  "room.read": RoomObject;
  "room.join": RoomObject;
  "room.leave": RoomObject;
  /** Send and type. */
  "room.send": RoomObject;
  "room.markRead": RoomObject;
  "room.setLevel": RoomObject;
  "room.update": RoomObject;
  "room.archive": RoomObject;
  "room.addMember": RoomObject;
  "room.removeMember": RoomObject;
  "room.setMemberRole": RoomObject;
  /** Mute and remove others in a call. */
  "call.moderate": RoomObject;
  "room.create": null;
  "room.browse": null;
  "room.openDirect": null;
  "message.react": RoomObject;
  "message.edit": MessageObject;
  "message.delete": MessageObject;
  /** Anyone may list users; the list itself is filtered, so guests only get the people in their rooms. */
  "users.list": null;
  "users.rename": null;
  /** Whether the actor may manage accounts at all; checked before an account is looked up. */
  "users.manage": null;
  "users.setRole": AccountObject & { readonly nextRole: Role };
  "users.deactivate": AccountObject;
  "users.makeResetLink": AccountObject;
  "invites.create": InviteObject;
  "invites.list": null;
  "invites.listAll": null;
  "invites.revoke": { readonly by: UserId };
  "tokens.use": null;
  /** Incidents, maintenance, announcements and components of the status page, drafts included. */
  "status.manage": null;
  "status.deleteIncident": null;
  "workspace.get": null;
  "workspace.update": null;
  /** Whether strangers see how many people are online. */
  "workspace.showActivity": null;
}

/** Something an actor wants to do. */
export type Action = keyof ActionObjects;

/** The outcome of a check: `not_found` hides that the object exists. */
type Verdict = "allowed" | "not_found" | "not_allowed";

type Rules = { readonly [A in Action]: (actor: ActorRights, object: ActionObjects[A]) => Verdict };

const RULES: Rules = {
  "room.read": inRoom(() => true),
  "room.join": inRoom(() => true),
  "room.leave": inRoom((_actor, room) => room.kind !== "direct"),
  "room.send": inRoom(isJoined),
  "room.markRead": inRoom(isJoined),
  "room.setLevel": inRoom(isJoined),
  "room.update": inRoom(moderates),
  "room.archive": inRoom(moderates),
  "room.addMember": inRoom(moderates),
  "room.removeMember": inRoom(moderates),
  "room.setMemberRole": inRoom(moderates),
  "call.moderate": inRoom(moderates),
  "room.create": (actor) => allowIf(!isGuest(actor)),
  "room.browse": (actor) => allowIf(!isGuest(actor)),
  "room.openDirect": (actor) => allowIf(!isGuest(actor)),
  "message.react": inRoom(isJoined),
  "message.edit": inRoom((actor, message: MessageObject) =>
    message.by === actor.userId && isJoined(actor, message)
  ),
  "message.delete": inRoom((actor, message: MessageObject) =>
    moderates(actor, message) || (message.by === actor.userId && isJoined(actor, message))
  ),
  "users.list": () => "allowed",
  // People trust a guest by the name they came with, so it must not change.
  "users.rename": (actor) => allowIf(!isGuest(actor)),
  "users.manage": (actor) => allowIf(isManager(actor)),
  "users.setRole": (actor, account) =>
    allowIf(!account.isBot && outranks(actor, account.role) && outranks(actor, account.nextRole)),
  "users.deactivate": (actor, account) => {
    if (isBuiltIn(account)) return "not_allowed";
    return allowIf(outranks(actor, account.role) || (account.isBot && account.ownerId === actor.userId));
  },
  "users.makeResetLink": (actor, account) =>
    allowIf(!account.isBot && isManager(actor) && (actor.role === "owner" || account.role !== "owner")),
  "invites.create": judgeInvite,
  "invites.list": (actor) => allowIf(!isGuest(actor)),
  "invites.listAll": (actor) => allowIf(isManager(actor)),
  "invites.revoke": (actor, invite) => {
    if (isGuest(actor)) return "not_allowed";
    return isManager(actor) || invite.by === actor.userId ? "allowed" : "not_found";
  },
  // If a bot could create bots, revoking its token would not stop them.
  "tokens.use": (actor) => allowIf(!isGuest(actor) && !actor.isBot),
  "status.manage": (actor) => allowIf(isManager(actor)),
  "status.deleteIncident": (actor) => allowIf(isManager(actor) && actor.role === "owner"),
  "workspace.get": () => "allowed",
  "workspace.update": (actor) => allowIf(isManager(actor)),
  "workspace.showActivity": (actor) => allowIf(isManager(actor) && actor.role === "owner"),
};

/**
 * The one place that decides who may do what. Throws `not_found` if the actor must not know of the object,
 * otherwise `not_allowed`.
 */
export function authorize<A extends Action>(actor: ActorRights, action: A, object: ActionObjects[A]): void {
  const verdict = RULES[action](actor, object);
  if (verdict === "not_found") throw notFound();
  if (verdict === "not_allowed") {
    throw new AppError("not_allowed", "You are not allowed to do this, ask an admin");
  }
}

/** The error for objects that do not exist or must not be seen: both get the same text. */
export function notFound(): AppError {
  return new AppError("not_found", "Not found, or not visible to you");
}

/** Like `authorize`, but returns the decision instead of throwing. */
export function isAllowed<A extends Action>(
  actor: ActorRights,
  action: A,
  object: ActionObjects[A],
): boolean {
  return RULES[action](actor, object) === "allowed";
}

/** Whether an account is a bot of the server itself, which nobody made. */
export function isBuiltIn({ isBot, ownerId }: Pick<AccountObject, "isBot" | "ownerId">): boolean {
  return isBot && ownerId === null;
}

function allowIf(condition: boolean): Verdict {
  return condition ? "allowed" : "not_allowed";
}

function isGuest(actor: ActorRights): boolean {
  return actor.role === "guest";
}

function isManager(actor: ActorRights): boolean {
  return actor.role === "owner" || actor.role === "admin";
}

/** Only owners may appoint and remove owners and admins; admins may also manage members and guests. */
function outranks(actor: ActorRights, role: Role): boolean {
  return actor.role === "owner" || (actor.role === "admin" && (role === "member" || role === "guest"));
}

function isVisible(actor: ActorRights, room: RoomObject): boolean {
  return room.membership !== null || (room.kind === "public" && !isGuest(actor));
}

function isJoined(_actor: ActorRights, room: RoomObject): boolean {
  return room.membership !== null;
}

/** Nobody moderates a direct room: its two people are equals, whatever their roles. */
function moderates(actor: ActorRights, room: RoomObject): boolean {
  return room.kind !== "direct" && (room.membership === "moderator" || isManager(actor));
}

function inRoom<T extends RoomObject>(
  rule: (actor: ActorRights, object: T) => boolean,
): (actor: ActorRights, object: T) => Verdict {
  return (actor, object) => isVisible(actor, object) ? allowIf(rule(actor, object)) : "not_found";
}

function judgeInvite(actor: ActorRights, invite: InviteObject): Verdict {
  if (isGuest(actor)) return "not_allowed";
  if (invite.room !== null) {
    if (!isVisible(actor, invite.room)) return "not_found";
    if (invite.room.kind === "direct") return "not_allowed";
  }
  if (isManager(actor)) return "allowed";
  if (invite.role === "member" && !invite.membersMayInvite) return "not_allowed";
  if (invite.room === null) return allowIf(invite.role === "member");
  return allowIf(isJoined(actor, invite.room));
}
