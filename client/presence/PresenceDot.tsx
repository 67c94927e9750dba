import type { ReadonlySignal } from "@preact/signals";
import type { JSX } from "preact";
import type { PresenceState } from "../../shared/presence.ts";
import { describePresence } from "./describe_presence.ts";

/** The result of `presence.signalOf(userId)`: only the dot follows it, not the list around it. */
export interface PresenceDotProps {
  readonly state: ReadonlySignal<PresenceState>;
}

/** Filled for online, half for away, a ring for offline, a bar for do not disturb: shape as well as colour. */
export function PresenceDot({ state }: PresenceDotProps): JSX.Element {
  const { status, doNotDisturb } = state.value;
  const quiet = doNotDisturb ? " is-quiet" : "";
  return <span class={`dot dot-${status}${quiet}`} role="img" aria-label={describePresence(state.value)} />;
}
