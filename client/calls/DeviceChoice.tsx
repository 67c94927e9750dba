import type { JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import type { Device, DevicesModel } from "./media/devices_model.ts";
import type { DeviceChoice as Choice } from "./media/call_preferences.ts";

/** Props of `DeviceChoice`. */
export interface DeviceChoiceProps {
  readonly devices: DevicesModel;
}

/** Which microphone, camera and loudspeaker to use, and how the microphone is treated. */
export function DeviceChoice({ devices }: DeviceChoiceProps): JSX.Element {
  const { mics, cams, speakers } = devices.lists.value;
  const { mic, cam, speaker } = devices.preferences.settings.value;
  const choose = (kind: "mic" | "cam" | "speaker", all: readonly Device[]) => (id: string) =>
    devices.choose(kind, all.find((one) => one.id === id) ?? null);
  return (
    <div class="device-choice">
      <DeviceSelect label="Microphone" chosen={mic} all={mics} onChoose={choose("mic", mics)} />
      <DeviceSelect label="Camera" chosen={cam} all={cams} onChoose={choose("cam", cams)} />
      {devices.canAskForSpeaker
        ? (
          <div class="field">
            <span class="legend">Loudspeaker</span>
            <Button onClick={() => void devices.askForSpeaker()}>{speaker?.label ?? "Choose"}</Button>
          </div>
        )
        : devices.canChooseSpeaker && speakers.length > 0
        ? (
          <DeviceSelect
            label="Loudspeaker"
            chosen={speaker}
            all={speakers}
            onChoose={choose("speaker", speakers)}
          />
        )
        : null}
      <SoundSwitches devices={devices} />
    </div>
  );
}

interface DeviceSelectProps {
  readonly label: string;
  readonly chosen: Choice | null;
  readonly all: readonly Device[];
  readonly onChoose: (id: string) => void;
}

function DeviceSelect({ label, chosen, all, onChoose }: DeviceSelectProps): JSX.Element {
  const known = all.find(({ id }) => id === chosen?.id) ?? all.find((one) => one.label === chosen?.label);
  // A chosen device that is not connected stays chosen.
  const missing = chosen !== null && known === undefined
    ? [[chosen.id, `${chosen.label} (not connected)`] as const]
    : [];
  return (
    <SelectField
      label={label}
      value={known?.id ?? chosen?.id ?? ""}
      options={[["", "Default"], ...all.map((one) => [one.id, one.label] as const), ...missing]}
      onValue={onChoose}
    />
  );
}

const SWITCHES = [
  ["suppressesNoise", "Suppress noise"],
  ["cancelsEcho", "Cancel echo"],
  ["controlsGain", "Level the volume"],
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
