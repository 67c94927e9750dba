import type { JSX } from "preact";
import { RING_MAX_COUNT } from "../../shared/call/call_limits.ts";
import type { UserId } from "../../shared/ids.ts";
import { Face } from "../ui/Face.tsx";

/** Somebody who can be called. */
export interface Callee {
  readonly id: UserId;
  readonly name: string;
}

/** Props of `RingList`. */
export interface RingListProps {
  readonly people: readonly Callee[];
  readonly chosen: ReadonlySet<UserId>;
  readonly isFull: boolean;
  readonly onToggle: (userId: UserId) => void;
}

/** Whom to call when a call starts in a room. */
export function RingList({ people, chosen, isFull, onToggle }: RingListProps): JSX.Element {
  const count = chosen.size;
  return (
    <details class="lobby-devices">
      <summary>{count === 0 ? "Ring…" : `Ring ${count} ${count === 1 ? "person" : "people"}`}</summary>
      <p class="lobby-text">
        Others see the call in the room list and can join. Up to {RING_MAX_COUNT} people can be called.
      </p>
      <ul class="ring-list">
        {people.map(({ id, name }) => (
          <li key={id}>
            <label class="call-switch">
              <input
                type="checkbox"
                checked={chosen.has(id)}
                disabled={isFull && !chosen.has(id)}
                onChange={() => onToggle(id)}
              />
              <Face id={id} name={name} size="xs" />
              <bdi>{name}</bdi>
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}
