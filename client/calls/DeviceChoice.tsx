import type { JSX } from "preact";
import { DeviceSelects } from "./DeviceSelects.tsx";
import type { DevicesModel } from "./media/devices_model.ts";

/** Props of `DeviceChoice`. */
export interface DeviceChoiceProps {
  readonly devices: DevicesModel;
}

/** Which microphone, camera and speaker to use, and how the microphone is treated. */
export function DeviceChoice({ devices }: DeviceChoiceProps): JSX.Element {
  return (
    <div class="device-choice">
      <DeviceSelects devices={devices} />
      <SoundSwitches devices={devices} />
    </div>
  );
}

const SWITCHES = [
  ["suppressesNoise", "Suppress noise"],
  ["cancelsEcho", "Cancel echo"],
  ["controlsGain", "Adjust the volume"],
] as const;

function SoundSwitches({ devices: { preferences } }: DeviceChoiceProps): JSX.Element {
  const settings = preferences.settings.value;
  return (
    <fieldset class="call-switches">
      <legend class="visually-hidden">Treatment of the microphone</legend>
      {SWITCHES.map(([key, label]) => (
        <label key={key} class="call-switch">
          <input
            type="checkbox"
            checked={settings[key]}
            onChange={(event) => preferences.set({ [key]: event.currentTarget.checked })}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
