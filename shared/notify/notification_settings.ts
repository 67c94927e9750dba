import type { RoomLevel } from "../room.ts";

/** A daily span without notifications, in local time. It may cross midnight; both ends are `HH:MM`. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** Settings of a person, the same on all devices. */
export interface PersonSettings {
  /** An IANA name; null until the person has chosen one, which counts as UTC. */
  readonly timeZone: string | null;
  /** Null if there are none. */
  readonly quietHours: QuietHours | null;
  /** Of rooms without a level of their own. */
  readonly level: RoomLevel;
  /** Whether a sound is played. */
  readonly sound: boolean;
  /** Whether notifications show who wrote what. */
  readonly previews: boolean;
  /** Whether others see how far this person has read. */
  readonly showReadState: boolean;
  /** Whether Enter sends; otherwise it starts a new line. */
  readonly enterSends: boolean;
}

/** The settings of people who have changed none. */
export const DEFAULT_SETTINGS: PersonSettings = {
  timeZone: null,
  quietHours: null,
  level: "all",
  sound: true,
  previews: true,
  showReadState: true,
  enterSends: true,
};

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
/** Offsets such as `+05:30`, which `Intl` accepts too, know no daylight saving. */
const ZONE_NAME = /^[A-Za-z][\w+\-/]{0,63}$/;

/** Whether a text is a time of day, from `00:00` to `23:59`. */
export function isTimeOfDay(text: string): boolean {
  return TIME_OF_DAY.test(text);
}

/** Whether a text is a time zone of the IANA database, such as `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  if (!ZONE_NAME.test(text)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
