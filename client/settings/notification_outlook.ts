import { quietUntil } from "../../shared/notify/quiet_hours.ts";
import type { RoomLevel } from "../../shared/room.ts";
import type { PersonSettings } from "./person_settings_model.ts";

/** What decides about the next message. */
export interface OutlookFacts {
  readonly settings: Pick<PersonSettings, "level" | "quietHours" | "timeZone">;
  readonly doNotDisturb: boolean;
  /** Number of rooms with a level of their own, or that are muted. */
  readonly otherRoomsCount: number;
  readonly nowMs: number;
}

const TOLD: Readonly<Record<RoomLevel, string>> = {
  all: "every message",
  mentions: "mentions, replies and direct messages",
  none: "nothing",
};

/** Says in one sentence what the user will be told of from now on. */
export function describeOutlook({ settings, doNotDisturb, otherRoomsCount, nowMs }: OutlookFacts): string {
  if (doNotDisturb) return "You will be told of nothing while you do not want to be disturbed.";
  const { level, quietHours, timeZone } = settings;
  const told = `You will be told of ${TOLD[level]}${exceptIn(otherRoomsCount)}`;
  if (quietHours === null || (level === "none" && otherRoomsCount === 0)) return `${told}.`;
  const isQuiet = quietUntil(quietHours, timeZone, nowMs) !== null;
  return isQuiet ? `${told}; quiet until ${quietHours.to}.` : `${told}; quiet from ${quietHours.from}.`;
}

function exceptIn(count: number): string {
  if (count === 0) return "";
  return count === 1 ? ", except in one room" : `, except in ${count} rooms`;
}
