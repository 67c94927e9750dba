import type { JSX } from "preact";
import type { RingState } from "../../shared/call/call_types.ts";
import type { UserId } from "../../shared/ids.ts";
import { Face } from "../ui/Face.tsx";
import { RING_WORDS } from "./call_words.ts";

/** Props of `RingingTile`. */
export interface RingingTileProps {
  readonly userId: UserId;
  readonly name: string;
  readonly state: RingState;
}

/** Somebody who is being called. */
export function RingingTile({ userId, name, state }: RingingTileProps): JSX.Element {
  return (
    <li class={`tile is-ringing ${state === "ringing" ? "is-heard" : ""}`}>
      <Face id={userId} name={name} size="m" />
      <span class="tile-wait">{RING_WORDS[state]}</span>
      <span class="tile-name">
        <bdi>{name}</bdi>
      </span>
    </li>
  );
}
