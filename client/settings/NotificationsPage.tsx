import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RoomLevel } from "../../shared/room.ts";
import { SwitchRow } from "../ui/SwitchRow.tsx";
import { describeOutlook } from "./notification_outlook.ts";
import type { PersonSettingsModel } from "./person_settings_model.ts";
import { PermissionPart } from "./PermissionPart.tsx";
import type { PermissionPartProps } from "./PermissionPart.tsx";
import { QuietHoursPart } from "./QuietHoursPart.tsx";
import { isDifferent, RoomLevels } from "./RoomLevels.tsx";
import type { RoomLevelsProps } from "./RoomLevels.tsx";

/** What the page shows follows the clock: quiet hours and mutes end. */
const TICK_MS = 10_000;

const LEVELS: readonly (readonly [RoomLevel, string, string])[] = [
  ["all", "All messages", "In every room you are in."],
  ["mentions", "Mentions", "And replies to you, and direct messages."],
  ["none", "Nothing", "Unread rooms are still marked."],
];

/** Props of `NotificationsPage`. */
export interface NotificationsPageProps extends Pick<RoomLevelsProps, "rooms"> {
  readonly model: PersonSettingsModel;
  readonly doNotDisturb: boolean;
  /** The zone of this device. */
  readonly deviceZone: string;
  /** Push notifications of this device. */
  readonly push: Omit<PermissionPartProps, "onAnswer">;
  readonly onRoom: RoomLevelsProps["onChange"];
}

/** What the user is told of, for all devices. */
export function NotificationsPage(props: NotificationsPageProps): JSX.Element {
  const { model, rooms, doNotDisturb, deviceZone, push, onRoom } = props;
  const [nowMs, lookAgain] = useNow();
  useEffect(() => void model.refresh(), [model, nowMs]);
  const settings = model.all.value;
  if (settings === null) {
    const failure = model.failure.value;
    return (
      <>
        <h3>Notifications</h3>
        <p class="page-lead" aria-busy={failure === null}>{failure ?? "Loading…"}</p>
      </>
    );
  }
  const otherRoomsCount = rooms.filter((room) => isDifferent(room, nowMs)).length;
  const set = (change: Parameters<typeof model.set>[0]) => void model.set(change);
  return (
    <>
      <h3>Notifications</h3>
      <p class="page-lead" role="status">
        {describeOutlook({ settings, doNotDisturb, otherRoomsCount, isShownHere: mayShow(), nowMs })}
      </p>
      <fieldset class="choices level-choices">
        <legend class="legend">Tell me of</legend>
        {LEVELS.map(([level, title, hint]) => (
          <label class="choice" key={level}>
            <input
              type="radio"
              name="level"
              checked={settings.level === level}
              onChange={() => set({ level })}
            />
            <span>
              {title}
              <small>{hint}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <PermissionPart {...push} onAnswer={lookAgain} />
      <QuietHoursPart settings={settings} deviceZone={deviceZone} onChange={set} />
      <section class="page-part">
        <h4>How</h4>
        <SwitchRow
          class="spaced"
          label="Sound"
          isOn={settings.sound}
          onToggle={({ checked }) => set({ sound: checked })}
        >
          One short sound for what you are told of.
        </SwitchRow>
        <SwitchRow
          class="spaced"
          label="Previews"
          isOn={settings.previews}
          onToggle={({ checked }) => set({ previews: checked })}
        >
          Notifications show who wrote what. Without, they only say “New message”.
        </SwitchRow>
      </section>
      <section class="page-part">
        <h4>Rooms</h4>
        <RoomLevels rooms={rooms} nowMs={nowMs} onChange={onRoom} />
      </section>
    </>
  );
}

function mayShow(): boolean {
  return "Notification" in globalThis && Notification.permission === "granted";
}

/** Returns the time, and a function that looks at it before the next tick. */
function useNow(): [nowMs: number, look: () => void] {
  const [nowMs, setNow] = useState(Date.now);
  const look = () => setNow(Date.now());
  useEffect(() => {
    const timer = setInterval(look, TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return [nowMs, look];
}
