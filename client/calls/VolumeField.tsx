import type { JSX } from "preact";
import { Icon } from "../ui/Icon.tsx";
import { CALL_ICONS } from "./call_icons.ts";

/** Props of `VolumeField`. */
export interface VolumeFieldProps {
  readonly label: string;
  /** From 0 to 1. */
  readonly value: number;
  readonly onValue: (value: number) => void;
}

/** A slider for how loud something is. */
export function VolumeField({ label, value, onValue }: VolumeFieldProps): JSX.Element {
  const percent = Math.round(value * 100);
  return (
    <label class="volume-field">
      <Icon name={CALL_ICONS.volume} />
      <span class="visually-hidden">{label}</span>
      <input
        type="range"
        min="0"
        max="100"
        step="5"
        value={percent}
        aria-valuetext={`${percent} %`}
        onInput={(event) => onValue(Number(event.currentTarget.value) / 100)}
      />
    </label>
  );
}
