import type { JSX } from "preact";
import { SelectField } from "../ui/SelectField.tsx";
import type { CallSettings as Settings, DeviceChoice } from "./media/call_preferences.ts";
import type { Device, DevicesModel } from "./media/devices_model.ts";

/** Devices for calls and how this device behaves in them. */
export function CallSettings({ devices }: { devices: DevicesModel }): JSX.Element {
  const { mics, cams, speakers } = devices.lists.value;
  const isListed = mics.length + cams.length > 0;
  return (
    <>
      <DeviceField label="Microphone" kind="mic" options={mics} devices={devices} />
      <DeviceField label="Camera" kind="cam" options={cams} devices={devices} />
      {devices.canChooseSpeaker
        ? <DeviceField label="Speaker" kind="speaker" options={speakers} devices={devices} />
        : null}
      {isListed ? null : (
        <p class="hint">
          Browsers list devices once they may be used: start the tests below, and allow it.
        </p>
      )}
      <section class="page-part">
        <h4>Sound</h4>
        <Switch devices={devices} setting="suppressesNoise" label="Suppress noise">
          Takes out fans, keyboards and traffic. Turn it off for music.
        </Switch>
        <Switch devices={devices} setting="cancelsEcho" label="Cancel echo">
          Keeps others from hearing themselves. You can turn it off with headphones.
        </Switch>
        <Switch devices={devices} setting="controlsGain" label="Adjust the volume of the microphone">
          Evens out quiet and loud voices.
        </Switch>
        <Switch devices={devices} setting="hasChimes" label="Chimes">
          A short sound when somebody joins or leaves.
        </Switch>
      </section>
      <section class="page-part">
        <h4>Keys</h4>
        <Switch devices={devices} setting="isPushToTalk" label="Push to talk">
          You are heard only while you hold the space bar.
        </Switch>
        <Switch devices={devices} setting="hasSingleKeys" label="Single keys">
          In a call, M mutes, V turns the camera on or off, S shares the screen and H raises your hand.
        </Switch>
        <Switch devices={devices} setting="warnsWhenMuted" label="Warn me when I talk while muted">
          The muted microphone is listened to on this device only.
        </Switch>
      </section>
      <section class="page-part">
        <h4>Privacy</h4>
        <Switch devices={devices} setting="isRelayOnly" label="Relay only">
          Hides your address from the people you call. Calls go through the relay of this workspace, which
          takes a little longer; without a relay they do not connect.
        </Switch>
      </section>
    </>
  );
}

interface DeviceFieldProps {
  readonly label: string;
  readonly kind: "mic" | "cam" | "speaker";
  readonly options: readonly Device[];
  readonly devices: DevicesModel;
}

/** The value of the choice that leaves it to the browser. */
const DEFAULT = "";

function DeviceField({ label, kind, options, devices }: DeviceFieldProps): JSX.Element {
  const choice = devices.preferences.settings.value[kind];
  const found = choice === null
    ? null
    : options.find(({ id }) => id === choice.id) ?? byLabel(options, choice);
  // A headset that is not plugged in now stays chosen.
  const missing = choice !== null && found === null
    ? [[choice.id, `${choice.label} (not connected)`] as const]
    : [];
  return (
    <SelectField
      label={label}
      value={found?.id ?? choice?.id ?? DEFAULT}
      options={[
        [DEFAULT, "System default"],
        ...options.map(({ id, label }) => [id, label] as const),
        ...missing,
      ]}
      onValue={(value) => devices.choose(kind, options.find(({ id }) => id === value) ?? null)}
    />
  );
}

function byLabel(options: readonly Device[], choice: DeviceChoice): Device | null {
  return options.find(({ label }) => label === choice.label) ?? null;
}

type SwitchName = {
  [Key in keyof Settings]: Settings[Key] extends boolean ? Key : never;
}[keyof Settings];

interface SwitchProps {
  readonly devices: DevicesModel;
  readonly setting: SwitchName;
  readonly label: string;
  readonly children: string;
}

function Switch({ devices: { preferences }, setting, label, children }: SwitchProps): JSX.Element {
  return (
    <label class="switch-row call-setting">
      <span>
        {label}
        <small class="hint">{children}</small>
      </span>
      <input
        class="switch"
        type="checkbox"
        role="switch"
        checked={preferences.settings.value[setting]}
        onChange={(event) => preferences.set({ [setting]: event.currentTarget.checked })}
      />
    </label>
  );
}
