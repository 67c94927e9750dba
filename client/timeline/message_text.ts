import type { Message } from "../../shared/message.ts";
import type { UserId } from "../../shared/ids.ts";
import type { IconName } from "../ui/icons.ts";
import { formatBytes } from "../ui/format_bytes.ts";
import { markdownParser } from "../ui/markdown/parser.ts";
import { plainText } from "../../shared/markdown/tree.ts";
import type { CallEndedEvent, SystemEvent } from "./grouping.ts";
import { formatTime } from "./times.ts";

const LABEL_MAX_CHARACTERS = 600;
const LINE_MAX_CHARACTERS = 140;

/** Returns a user's name, or "You". */
export type NameOf = (userId: UserId) => string;

/** Returns a text as one line, shortened if it is long. */
function oneLine(text: string, maxCharacters = LINE_MAX_CHARACTERS): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1).trimEnd()}…` : line;
}

/** Returns a message's text in one line, without formatting. */
export function plainLine(text: string, maxCharacters?: number): string {
  return oneLine(plainText(markdownParser.blocks(text)), maxCharacters);
}

/** Returns the label of a message for screen readers. */
export function describeMessage(message: Message, name: string): string {
  const text = message.deletedAt === null ? plainLine(message.text, LABEL_MAX_CHARACTERS) : "Message deleted";
  const parts = [name, formatTime(message.at), text];
  if (message.editedAt !== null && message.deletedAt === null) parts.push("edited");
  const count = message.reactions.reduce((sum, { userIds }) => sum + userIds.length, 0);
  if (count > 0) parts.push(count === 1 ? "1 reaction" : `${count} reactions`);
  return parts.join(", ");
}

/** Returns the label of a reaction button. */
export function describeReaction(emoji: string, names: readonly string[], isMine: boolean): string {
  const shown = names.slice(0, 8);
  const rest = names.length - shown.length;
  const people = rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
  return `${emoji} ${names.length}, ${people}. ${isMine ? "Remove yours" : "Add yours"}`;
}

/** Returns the icon of a system event. */
export function systemIcon(event: SystemEvent, end: CallEndedEvent | null): IconName {
  const last = end ?? event;
  return last.type === "call_ended" && last.missed && last.rang?.length !== 0
    ? "phoneMissed"
    : SYSTEM_ICONS[event.type];
}

const SYSTEM_ICONS = {
  member_joined: "userPlus",
  member_left: "userMinus",
  member_role_changed: "shield",
  room_updated: "pencil",
  call_started: "phone",
  call_ended: "phone",
  file_handed: "file",
} as const satisfies Record<SystemEvent["type"], IconName>;

/** Returns the line for a system event; `end` is the one of a call that has ended. */
export function describeSystemEvent(
  event: SystemEvent,
  nameOf: NameOf,
  end: CallEndedEvent | null = null,
): string {
  const by = nameOf(event.by);
  const whomOf = (userId: UserId) => nameOf(userId).replace(/^You$/, "you");
  switch (event.type) {
    case "member_joined":
      return event.by === event.userId ? `${by} joined` : `${by} added ${whomOf(event.userId)}`;
    case "member_left":
      return event.by === event.userId ? `${by} left` : `${by} removed ${whomOf(event.userId)}`;
    case "member_role_changed":
      return `${by} made ${whomOf(event.userId)} a ${event.role}`;
    case "room_updated":
      return `${by} ${event.room.archivedAt === null ? "updated" : "archived"} the room`;
    case "file_handed":
      // A name in another direction must not reorder the line.
      return `${nameOf(event.from)} handed ${whomOf(event.to)} \u2068${event.name}\u2069 · ${
        formatBytes(event.bytes)
      }`;
    case "call_started":
      return end === null ? `${by} started a call` : describeCall(end, `${by} started a call`, nameOf);
    case "call_ended":
      return describeCall(event, "Call", nameOf);
  }
}

/** `what` says that there was a call. */
function describeCall(end: CallEndedEvent, what: string, nameOf: NameOf): string {
  const { missed, durationMs, userIds, rang, declined } = end;
  const names = userIds.map(nameOf).join(", ");
  const isMine = (ids: typeof rang) => ids?.some((userId) => nameOf(userId) === "You");
  if (!missed) return `${what} · ${Math.ceil(durationMs / 60_000)} min · ${names}`;
  if (rang?.length === 0) return `${what} · nobody joined`;
  if (isMine(declined)) return `You declined a call from ${names}`;
  if (names !== "You" && isMine(rang) !== false) return `Missed call from ${names}`;
  return `${names} called · ${declined?.length ? "declined" : "no answer"}`;
}
