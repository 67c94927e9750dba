import type { JSX } from "preact";
import { SwitchRow } from "../ui/SwitchRow.tsx";
import { DeviceSelects } from "./DeviceSelects.tsx";
import type { CallSettings as Settings } from "./media/call_preferences.ts";
import type { DevicesModel } from "./media/devices_model.ts";
import { mayHaveKeys } from "./media/may_have_keys.ts";

/** Devices for calls and how this device behaves in them. */
export function CallSettings({ devices }: { devices: DevicesModel }): JSX.Element {
  const { mics, cams } = devices.lists.value;
  const hasKeys = mayHaveKeys() || devices.preferences.settings.value.isPushToTalk;
  const isListed = mics.length + cams.length > 0;
  return (
    <>
      <DeviceSelects devices={devices} />
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
        <Switch devices={devices} setting="controlsGain" label="Adjust the volume">
          Evens out quiet and loud voices.
        </Switch>
        <Switch devices={devices} setting="hasChimes" label="Chimes">
          A short sound when somebody joins or leaves.
        </Switch>
        <Switch devices={devices} setting="warnsWhenMuted" label="Warn me when I talk while muted">
          The muted microphone is listened to on this device only.
        </Switch>
      </section>
      {hasKeys
        ? (
          <section class="page-part">
            <h4>Keys</h4>
            <Switch devices={devices} setting="isPushToTalk" label="Push to talk">
              You are heard only while you hold the space bar.
            </Switch>
            <Switch devices={devices} setting="hasSingleKeys" label="Single keys">
              In a call, M mutes, V turns the camera on or off, S shares the screen and H raises your hand.
            </Switch>
          </section>
        )
        : null}
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
    <SwitchRow
      class="spaced"
      label={label}
      isOn={preferences.settings.value[setting]}
      onToggle={({ checked }) => preferences.set({ [setting]: checked })}
    >
      {children}
    </SwitchRow>
  );
}
