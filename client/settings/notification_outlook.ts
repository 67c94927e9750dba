import { quietUntil } from "../../shared/notify/quiet_hours.ts";
import type { RoomLevel } from "../../shared/room.ts";
import type { PersonSettings } from "./person_settings_model.ts";

/** What decides about the next message. */
export interface OutlookFacts {
  readonly settings: Pick<PersonSettings, "level" | "quietHours" | "timeZone">;
  readonly doNotDisturb: boolean;
  /** Number of rooms with a level of their own, or that are muted. */
  readonly otherRoomsCount: number;
  /** Whether this device may show notifications. */
  readonly isShownHere: boolean;
  readonly nowMs: number;
}

const TOLD: Readonly<Record<RoomLevel, string>> = {
  all: "every message",
  mentions: "mentions, replies and direct messages",
  none: "nothing",
};

/** Says in a sentence what the user will be told of from now on, and in another if not on this device. */
export function describeOutlook(facts: OutlookFacts): string {
  const { settings: { level }, doNotDisturb, otherRoomsCount, isShownHere } = facts;
  if (doNotDisturb) return "You will be told of nothing while you do not want to be disturbed.";
  const told = `You will be told of ${TOLD[level]}${exceptIn(otherRoomsCount)}`;
  if (level === "none" && otherRoomsCount === 0) return `${told}.`;
  return `${told}${describeQuiet(facts)}.${isShownHere ? "" : " Not on this device yet: see below."}`;
}

function describeQuiet({ settings: { quietHours, timeZone }, nowMs }: OutlookFacts): string {
  if (quietHours === null) return "";
  const isQuiet = quietUntil(quietHours, timeZone, nowMs) !== null;
  return isQuiet ? `; quiet until ${quietHours.to}` : `; quiet from ${quietHours.from}`;
}

function exceptIn(count: number): string {
  if (count === 0) return "";
  return count === 1 ? ", except in one room" : `, except in ${count} rooms`;
}
