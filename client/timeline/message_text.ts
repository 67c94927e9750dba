import type { Message } from "../../shared/message.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { IconChoice } from "../ui/icons.ts";
import { markdownParser } from "../ui/markdown/parser.ts";
import { plainText } from "../../shared/markdown/tree.ts";
import type { SystemEvent } from "./grouping.ts";
import { formatTime } from "./times.ts";

const LABEL_MAX_CHARACTERS = 600;
const LINE_MAX_CHARACTERS = 140;

/** Returns a user's name, or "You". */
export type NameOf = (userId: RoomEvent["by"]) => string;

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

/** The icon of each system event. */
export const SYSTEM_ICONS = {
  member_joined: "userPlus",
  member_left: "userMinus",
  member_role_changed: "shield",
  room_updated: "pencil",
  call_started: "users",
  call_ended: "users",
  file_handed: "users",
} as const satisfies Record<SystemEvent["type"], IconChoice>;

/** Returns the line for a system event. */
export function describeSystemEvent(event: SystemEvent, nameOf: NameOf): string {
  const by = nameOf(event.by);
  const whom = "userId" in event ? nameOf(event.userId).replace(/^You$/, "you") : "";
  switch (event.type) {
    case "member_joined":
      return event.by === event.userId ? `${by} joined` : `${by} added ${whom}`;
    case "member_left":
      return event.by === event.userId ? `${by} left` : `${by} removed ${whom}`;
    case "member_role_changed": {
      const role = event.role === "moderator" ? "a moderator" : "a member";
      return `${by} made ${whom} ${role}`;
    }
    case "room_updated":
      return `${by} ${event.room.archivedAt === null ? "updated" : "archived"} the room`;
    case "file_handed":
      return `${nameOf(event.from)} handed over ${event.name}`;
    case "call_started":
      return `${by} started a call`;
    case "call_ended":
      return event.missed
        ? `Missed call from ${event.userIds.map(nameOf)}`
        : `Call · ${Math.ceil(event.durationMs / 60_000)} min · ${event.userIds.map(nameOf).join(", ")}`;
  }
}
