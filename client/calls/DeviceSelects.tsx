import type { JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { SelectField } from "../ui/SelectField.tsx";
import type { DeviceChoice } from "./media/call_preferences.ts";
import type { Device, DevicesModel } from "./media/devices_model.ts";

/** Which microphone, camera and speaker to use. */
export function DeviceSelects({ devices }: { readonly devices: DevicesModel }): JSX.Element {
  const { mics, cams, speakers } = devices.lists.value;
  const { mic, cam, speaker } = devices.preferences.settings.value;
  const choose = (kind: "mic" | "cam" | "speaker", all: readonly Device[]) => (id: string) =>
    devices.choose(kind, all.find((one) => one.id === id) ?? null);
  return (
    <>
      <DeviceSelect label="Microphone" chosen={mic} all={mics} onChoose={choose("mic", mics)} />
      <DeviceSelect label="Camera" chosen={cam} all={cams} onChoose={choose("cam", cams)} />
      {devices.canAskForSpeaker
        ? (
          <div class="field">
            <span class="legend">Speaker</span>
            <Button onClick={() => void devices.askForSpeaker()}>
              {speaker?.label ?? "Choose a speaker"}
            </Button>
          </div>
        )
        : devices.canChooseSpeaker
        ? (
          <DeviceSelect
            label="Speaker"
            chosen={speaker}
            all={speakers}
            onChoose={choose("speaker", speakers)}
          />
        )
        : null}
    </>
  );
}

interface DeviceSelectProps {
  readonly label: string;
  readonly chosen: DeviceChoice | null;
  readonly all: readonly Device[];
  readonly onChoose: (id: string) => void;
}

function DeviceSelect({ label, chosen, all, onChoose }: DeviceSelectProps): JSX.Element {
  const known = all.find(({ id }) => id === chosen?.id) ?? all.find((one) => one.label === chosen?.label);
  // A headset that is not plugged in now stays chosen.
  const missing = chosen !== null && known === undefined
    ? [[chosen.id, `${chosen.label} (not connected)`] as const]
    : [];
  return (
    <SelectField
      label={label}
      value={known?.id ?? chosen?.id ?? ""}
      options={[["", "System default"], ...all.map((one) => [one.id, one.label] as const), ...missing]}
      onValue={onChoose}
    />
  );
}
