import type { JSX } from "preact";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { CALL_ICONS } from "./call_icons.ts";
import type { Face } from "./call_tiles.ts";
import { TrackVideo } from "./TrackVideo.tsx";
import { VolumeField } from "./VolumeField.tsx";

/** Props of `ScreenTile`. */
export interface ScreenTileProps {
  readonly face: Face;
  readonly name: string;
  readonly track: MediaStreamTrack | null;
  /** Null where there is no space for them. */
  readonly tools: ScreenTools | null;
}

/** What one can do about a shared screen. */
export interface ScreenTools {
  readonly isBig: boolean;
  /** How loud the sound of the screen is, from 0 to 1. */
  readonly volume: number;
  readonly onVolume: (volume: number) => void;
  readonly onPin: () => void;
  readonly onClose: () => void;
}

/** A screen that somebody else shares. */
export function ScreenTile({ face, name, track, tools }: ScreenTileProps): JSX.Element {
  const isBig = tools?.isBig === true;
  return (
    <li class={isBig ? "tile tile-screen is-big" : "tile tile-screen"} data-screen={face.participantId}>
      {track === null
        ? <p class="tile-wait">Waiting for the screen…</p>
        : <TrackVideo track={track} isWhole />}
      {isBig || tools === null ? null : (
        <button
          type="button"
          class="tile-pin"
          aria-label={`Make ${name}’s screen big`}
          onClick={tools.onPin}
        />
      )}
      <span class="tile-name">
        <Icon name={CALL_ICONS.screen} />
        <span>
          <bdi>{name}</bdi> shares a screen
        </span>
      </span>
      {tools?.isBig !== true ? null : (
        <div class="tile-tools">
          {face.media.screenAudio
            ? (
              <VolumeField
                label={`Sound of ${name}’s screen`}
                value={tools.volume}
                onValue={tools.onVolume}
              />
            )
            : null}
          <Button class="tile-button" onClick={tools.onClose}>Show faces instead</Button>
        </div>
      )}
    </li>
  );
}
