import type { UserId } from "../ids.ts";
import type { Message } from "../message.ts";
import type { RoomKind, RoomLevel } from "../room.ts";
import type { PersonSettings } from "./notification_settings.ts";
import { quietUntil } from "./quiet_hours.ts";

/** Other devices wait this long while a person is active on one of them. */
export const TOLD_ELSEWHERE_AFTER_MS = 30_000;

/** A device that can show notifications, or on which the person is. */
export interface ToldDevice {
  readonly id: string;
  /** The person uses it right now. */
  readonly isActive: boolean;
}

/** Everything that decides whether a person is told of a message. */
export interface TellingFacts {
  readonly userId: UserId;
  readonly message: Pick<Message, "by" | "offset" | "mentions" | "mentionsRoom" | "deletedAt">;
  /** Who wrote the message that it replies to; null if it is no reply. */
  readonly repliesTo: UserId | null;
  readonly room: {
    readonly kind: RoomKind;
    /** Of this person in this room. */
    readonly level: RoomLevel;
    readonly mutedUntil: string | null;
    readonly readOffset: number;
  };
  readonly settings: Pick<PersonSettings, "quietHours" | "timeZone">;
  readonly doNotDisturb: boolean;
  readonly devices: readonly ToldDevice[];
  /** When the message was sent, in epoch milliseconds. */
  readonly sentMs: number;
  readonly nowMs: number;
}

/** Why somebody is told of a message. */
export type ToldReason = "direct" | "mention" | "reply" | "message";
/** Why somebody is not told of it. */
export type UntoldReason =
  | "own"
  | "deleted"
  | "read"
  | "muted"
  | "level"
  | "do_not_disturb"
  | "quiet_hours"
  | "no_device";

/** Whether a person is told of a message, on which devices at once, and on which later if it is still unread. */
export type Telling =
  | { readonly isTold: false; readonly reason: UntoldReason }
  | {
    readonly isTold: true;
    readonly reason: ToldReason;
    readonly now: readonly string[];
    /** Decide again at `atMs`, epoch milliseconds: the message may have been read by then. */
    readonly later: { readonly atMs: number; readonly devices: readonly string[] } | null;
  };

/**
 * Decides whether a person is told of a message, and on which devices. A person who is active on a device is told
 * there at once, elsewhere 30 s after the message was sent.
 */
export function whoIsTold(facts: TellingFacts): Telling {
  const untold = untoldReason(facts);
  if (untold !== null) return { isTold: false, reason: untold };
  const reason = toldReason(facts);
  if (reason === null) return { isTold: false, reason: "level" };
  const { devices, sentMs, nowMs } = facts;
  if (devices.length === 0) return { isTold: false, reason: "no_device" };
  const active = devices.filter(({ isActive }) => isActive);
  const atMs = sentMs + TOLD_ELSEWHERE_AFTER_MS;
  const idsOf = (some: readonly ToldDevice[]) => some.map(({ id }) => id);
  if (active.length === 0 || active.length === devices.length || atMs <= nowMs) {
    return { isTold: true, reason, now: idsOf(devices), later: null };
  }
  const others = devices.filter(({ isActive }) => !isActive);
  return { isTold: true, reason, now: idsOf(active), later: { atMs, devices: idsOf(others) } };
}

/** A ring as a message: whoever is rung is meant as by a mention. */
export function ringAsMessage(by: UserId, userId: UserId): TellingFacts["message"] {
  return { by, offset: Infinity, mentions: [userId], mentionsRoom: false, deletedAt: null };
}

/** Decides whether a ring may disturb a person: it makes a sound, shows a notification or is pushed. */
export function mayRing(
  { by, ...facts }: Pick<TellingFacts, "userId" | "room" | "settings" | "doNotDisturb" | "nowMs"> & {
    readonly by: UserId;
  },
): boolean {
  const message = ringAsMessage(by, facts.userId);
  const device = { id: "any", isActive: true };
  return whoIsTold({ ...facts, message, repliesTo: null, devices: [device], sentMs: facts.nowMs }).isTold;
}

function untoldReason(facts: TellingFacts): UntoldReason | null {
  const { userId, message, room, settings, doNotDisturb, nowMs } = facts;
  if (message.by === userId) return "own";
  if (message.deletedAt !== null) return "deleted";
  if (message.offset <= room.readOffset) return "read";
  if (room.mutedUntil !== null && Date.parse(room.mutedUntil) > nowMs) return "muted";
  if (doNotDisturb) return "do_not_disturb";
  return quietUntil(settings.quietHours, settings.timeZone, nowMs) === null ? null : "quiet_hours";
}

function toldReason({ userId, message, repliesTo, room }: TellingFacts): ToldReason | null {
  if (room.level === "none") return null;
  if (room.kind === "direct") return "direct";
  if (message.mentions.includes(userId) || message.mentionsRoom) return "mention";
  if (repliesTo === userId) return "reply";
  return room.level === "all" ? "message" : null;
}
