import type { JSX } from "preact";
import type { ScreenMode } from "../../shared/call/media_plan.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { CALL_ICONS } from "./call_icons.ts";

/** Props of `OwnScreenTile`. */
export interface OwnScreenTileProps {
  readonly mode: ScreenMode;
  readonly hasSound: boolean;
  readonly onMode: (mode: ScreenMode) => void;
  readonly onStop: () => void;
}

const MODES: readonly (readonly [ScreenMode, string])[] = [["detail", "Sharp text"], [
  "motion",
  "Smooth motion",
]];

/** Says that one's own screen is shared, without showing it: it would show itself for ever. */
export function OwnScreenTile({ mode, hasSound, onMode, onStop }: OwnScreenTileProps): JSX.Element {
  return (
    <li class="tile tile-own-screen">
      <Icon name={CALL_ICONS.screen} />
      <p>
        You share your screen{hasSound ? ", with its sound" : ""}
      </p>
      <div class="screen-modes" role="group" aria-label="What matters in it">
        {MODES.map(([value, text]) => (
          <button
            key={value}
            type="button"
            aria-pressed={mode === value}
            onClick={() => onMode(value)}
          >
            {text}
          </button>
        ))}
      </div>
      <Button class="tile-button" onClick={onStop}>Stop sharing</Button>
    </li>
  );
}
