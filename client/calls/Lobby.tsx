import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import { Button } from "../ui/Button.tsx";
import { Face } from "../ui/Face.tsx";
import { Icon } from "../ui/Icon.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import type { UserId } from "../../shared/ids.ts";
import { CALL_ICONS } from "./call_icons.ts";
import { LevelBar } from "./LevelBar.tsx";
import type { LobbyModel } from "./lobby_model.ts";
import type { DevicesModel } from "./media/devices_model.ts";
import type { LocalMedia } from "./media/local_media.ts";
import { TrackVideo } from "./TrackVideo.tsx";

/** Props of `Lobby`. */
export interface LobbyProps {
  readonly heading: string;
  /** Who is in the call, or what joining does. */
  readonly text: string | null;
  /** The verb of the main button. */
  readonly verb: string;
  readonly model: LobbyModel;
  /** Null while the devices belong to another call. */
  readonly local: Pick<LocalMedia, "tracks" | "failures"> | null;
  readonly devices: DevicesModel;
  /** How loud the microphone is, from 0 to 1. */
  readonly level: ReadonlySignal<number>;
  readonly me: { readonly id: UserId; readonly name: string };
  readonly onJoin: () => void;
  readonly onCancel: () => void;
  readonly onTest: () => void;
  /** Why devices cannot be used; null while all can, and until it is loaded. */
  readonly failures: JSX.Element | null;
  /** Which devices to use; null until it was asked for and loaded. */
  readonly choice: JSX.Element | null;
  readonly onChoose: () => void;
  /** Whom to call, in rooms. */
  readonly children?: ComponentChildren;
}

/** Before a call: what the others will see and hear, and with which devices. */
export function Lobby(props: LobbyProps): JSX.Element {
  const { heading, text, verb, model, local, devices, level, me, onJoin, onCancel, onTest } = props;
  const join = useRef<HTMLDivElement>(null);
  useEffect(() => join.current?.querySelector("button")?.focus({ preventScroll: true }), []);
  const listensOnly = model.listensOnly.value;
  const isFailing = !listensOnly && local !== null && local.failures.value.size > 0;
  return (
    <section class="call-stage lobby" aria-label={heading}>
      <IconButton class="lobby-close" icon="x" label="Cancel" onClick={onCancel} />
      <div class="lobby-sheet">
        <OwnPicture model={model} local={local} devices={devices} level={level} me={me} />
        <div class="lobby-words">
          <h2>{heading}</h2>
          {text === null ? null : <p class="lobby-text">{text}</p>}
          {listensOnly
            ? (
              <p class="lobby-text">
                You join without microphone and camera, and can switch them on during the call.
              </p>
            )
            : null}
          <div class="lobby-failures" role="status">{isFailing ? props.failures : null}</div>
          <div class="lobby-buttons" ref={join}>
            <Button class="call-go" icon="phone" onClick={onJoin}>{verb}</Button>
            {isFailing ? <Button onClick={() => model.retry()}>Try again</Button> : null}
            <Button onClick={() => model.setListensOnly(!listensOnly)}>
              {listensOnly ? "Use the microphone" : "Listen only"}
            </Button>
          </div>
          {props.children}
          {listensOnly ? null : (
            <details class="lobby-devices" onToggle={props.onChoose}>
              <summary>Devices and sound</summary>
              {props.choice}
            </details>
          )}
          <button type="button" class="lobby-test button-link" onClick={onTest}>Test your devices</button>
        </div>
      </div>
    </section>
  );
}

type OwnPictureProps = Pick<LobbyProps, "model" | "local" | "devices" | "level" | "me">;

function OwnPicture({ model, local, devices, level, me }: OwnPictureProps): JSX.Element {
  const { mic, cam } = model.media.value;
  const track = local?.tracks.value.cam ?? null;
  const isMirrored = devices.preferences.settings.value.facing === "user";
  return (
    <div class="tile lobby-picture">
      {cam && track !== null
        ? <TrackVideo track={track} isMirrored={isMirrored} />
        : <Face id={me.id} name={me.name} size="m" />}
      <LevelBar level={level} isOn={mic && local !== null} />
      <div class="lobby-switches" role="group" aria-label="What you join with">
        <Switch
          icon={mic ? CALL_ICONS.mic : CALL_ICONS.micOff}
          label="Microphone"
          isOn={mic}
          onClick={() => model.toggle("mic")}
        />
        <Switch
          icon={cam ? CALL_ICONS.camera : CALL_ICONS.cameraOff}
          label="Camera"
          isOn={cam}
          onClick={() => model.toggle("cam")}
        />
        {cam && devices.canFlip.value
          ? (
            <button
              type="button"
              class="call-control"
              aria-label="Other camera"
              onClick={() => devices.flip()}
            >
              <Icon name={CALL_ICONS.cameraFlip} />
            </button>
          )
          : null}
      </div>
    </div>
  );
}

interface SwitchProps {
  readonly icon: typeof CALL_ICONS.mic;
  readonly label: string;
  readonly isOn: boolean;
  readonly onClick: () => void;
}

function Switch({ icon, label, isOn, onClick }: SwitchProps): JSX.Element {
  return (
    <button
      type="button"
      class={isOn ? "call-control" : "call-control is-off"}
      aria-pressed={isOn}
      onClick={onClick}
    >
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}
