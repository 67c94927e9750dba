import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";

/** Props of `LevelBar`. */
export interface LevelBarProps {
  /** Root mean square of the samples, from 0 to 1. */
  readonly level: ReadonlySignal<number>;
  readonly isOn: boolean;
}

/** Voices are between -50 and -10 dB. */
const QUIET_DB = -50;
const LOUD_DB = -10;

/** How long the bar is for a level, from 0 to 1, as loudness is perceived. */
function barLength(level: number): number {
  const db = 20 * Math.log10(Math.max(level, 1e-6));
  return Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB)));
}

/** Shows that the microphone hears something. It changes many times a second, without rendering. */
export function LevelBar({ level, isOn }: LevelBarProps): JSX.Element {
  const bar = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() =>
    level.subscribe((value) => {
      bar.current?.style.setProperty("--level", String(isOn ? barLength(value) : 0));
    }), [level, isOn]);
  return (
    <span
      class={isOn ? "level-bar" : "level-bar is-off"}
      role="img"
      aria-label={isOn ? "Level of the microphone" : "The microphone is off"}
    >
      <span ref={bar} />
    </span>
  );
}
