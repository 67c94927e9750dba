import type { UserId } from "../../shared/ids.ts";
import type { PresenceUpdate } from "../../shared/presence.ts";

/** Somebody who is called back with presence; it moves to another view when its rights change. */
export class Watch {
  readonly userId: UserId;
  readonly push: (update: PresenceUpdate) => void;
  #generation = 0;
  #leave: (() => void) | null = null;

  /** Watches nothing yet. */
  constructor(userId: UserId, push: (update: PresenceUpdate) => void) {
    this.userId = userId;
    this.push = push;
  }

  /** Leaves what was watched; gives what says whether this is still the newest wish. */
  begin(): () => boolean {
    this.end();
    const generation = this.#generation;
    return () => generation === this.#generation;
  }

  /** Says how to leave what is watched now. */
  onEnd(leave: () => void): void {
    this.#leave = leave;
  }

  /** Watches nothing any more. */
  end(): void {
    this.#generation++;
    this.#leave?.();
    this.#leave = null;
  }
}
