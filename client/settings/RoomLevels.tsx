import type { JSX } from "preact";
import type { RoomId } from "../../shared/ids.ts";
import type { RoomLevel } from "../../shared/room.ts";
import { describeEnd, endOf } from "../ui/clear_after.ts";
import { compareNames } from "../ui/compare_names.ts";

/** A room and what the user chose for it. */
export interface RoomChoice {
  readonly id: RoomId;
  readonly title: string;
  /** Null if nothing was chosen. */
  readonly ownLevel: RoomLevel | null;
  readonly mutedUntil: string | null;
}

/** Props of `RoomLevels`. */
export interface RoomLevelsProps {
  readonly rooms: readonly RoomChoice[];
  readonly nowMs: number;
  readonly onChange: (roomId: RoomId, choice: Pick<RoomChoice, "ownLevel" | "mutedUntil">) => void;
}

const LEVELS: readonly (readonly [RoomLevel, string])[] = [
  ["all", "All messages"],
  ["mentions", "Mentions"],
  ["none", "Nothing"],
];
const MUTES = [
  ["1h", "For an hour"],
  ["4h", "For 4 hours"],
  ["today", "Until tomorrow"],
  ["week", "This week"],
] as const;
type Mute = (typeof MUTES)[number][0];

/** Whether a room differs from the settings of all rooms. */
export function isDifferent({ ownLevel, mutedUntil }: RoomChoice, nowMs: number): boolean {
  return ownLevel !== null || isMuted(mutedUntil, nowMs);
}

/** The level of each room, and for how long it is muted. */
export function RoomLevels({ rooms, nowMs, onChange }: RoomLevelsProps): JSX.Element {
  const sorted = rooms.toSorted((a, b) => compareNames(a.title, b.title));
  return (
    <ul class="cards room-levels">
      {sorted.map((room) => (
        <li class="card-row" key={room.id}>
          <span class="card-row-words">
            <span dir="auto">{room.title}</span>
          </span>
          <LevelSelect room={room} onLevel={(ownLevel) => onChange(room.id, { ...room, ownLevel })} />
          <MuteSelect
            room={room}
            nowMs={nowMs}
            onMute={(mutedUntil) => onChange(room.id, { ...room, mutedUntil })}
          />
        </li>
      ))}
    </ul>
  );
}

function LevelSelect({ room, onLevel }: {
  readonly room: RoomChoice;
  readonly onLevel: (level: RoomLevel | null) => void;
}): JSX.Element {
  return (
    <select
      class="input input-small"
      aria-label={`Notifications of ${room.title}`}
      value={room.ownLevel ?? ""}
      onChange={({ currentTarget: { value } }) => onLevel(value === "" ? null : value as RoomLevel)}
    >
      <option value="">As above</option>
      {LEVELS.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
    </select>
  );
}

function MuteSelect({ room, nowMs, onMute }: {
  readonly room: RoomChoice;
  readonly nowMs: number;
  readonly onMute: (mutedUntil: string | null) => void;
}): JSX.Element {
  const { title, mutedUntil } = room;
  const muted = isMuted(mutedUntil, nowMs) ? mutedUntil : null;
  return (
    <select
      class="input input-small"
      aria-label={`Mute ${title}`}
      value={muted === null ? "" : "muted"}
      onChange={({ currentTarget: { value } }) => {
        if (value !== "muted") onMute(value === "" ? null : endOf(value as Mute, Date.now()));
      }}
    >
      <option value="">{muted === null ? "Not muted" : "Unmute"}</option>
      {muted === null ? null : <option value="muted">{capitalized(describeEnd(muted, nowMs))}</option>}
      {MUTES.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
    </select>
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isMuted(mutedUntil: string | null, nowMs: number): boolean {
  return mutedUntil !== null && Date.parse(mutedUntil) > nowMs;
}
