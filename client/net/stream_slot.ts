import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Two tabs may have streams: with two streams each, two of the browser's six connections stay free. */
const SLOT_NAMES = ["parley-streams-1", "parley-streams-2"] as const;
const TRY_AGAIN_MS = 10_000;

/** This tab's right to have streams, limited across tabs by the browser's locks. */
export class StreamSlot {
  readonly #locks: LockManager | undefined;
  readonly #state = signal<"unknown" | "held" | "denied">("unknown");
  #release: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWanted = false;
  #isFirst = false;
  /** Counts attempts to get a slot; older ones that still wait are ignored. */
  #turn = 0;

  /** Whether this tab may have streams; `unknown` before the browser has answered. */
  readonly state: ReadonlySignal<"unknown" | "held" | "denied"> = this.#state;

  /** Without locks, every tab may. */
  constructor(locks: LockManager | undefined) {
    this.#locks = locks;
  }

  /** Requests a slot until there is one, or releases it. */
  want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#turn++;
    if (isWanted) void this.#take(this.#turn);
    else this.#giveBack();
  }

  /** Whether this tab goes before others: then it takes a slot away if there is none left. */
  setFirst(isFirst: boolean): void {
    this.#isFirst = isFirst;
    if (isFirst && this.#state.peek() === "denied") {
      clearTimeout(this.#timer);
      void this.#take(++this.#turn);
    }
  }

  async #take(turn: number): Promise<void> {
    if (this.#locks === undefined) {
      this.#state.value = "held";
      return;
    }
    for (const name of SLOT_NAMES) {
      if (await this.#tryLock(this.#locks, name, turn)) return;
      if (turn !== this.#turn) return;
    }
    if (this.#isFirst && await this.#tryLock(this.#locks, SLOT_NAMES[0], turn, { steal: true })) return;
    this.#deny(turn);
  }

  #deny(turn: number): void {
    if (turn !== this.#turn) return;
    this.#state.value = "denied";
    this.#timer = setTimeout(() => void this.#take(turn), TRY_AGAIN_MS);
  }

  #tryLock(
    locks: LockManager,
    name: string,
    turn: number,
    how: LockOptions = { ifAvailable: true },
  ): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let isHeld = false;
    locks.request(name, how, (lock) => {
      if (lock === null || turn !== this.#turn) {
        resolve(false);
        return;
      }
      const held = Promise.withResolvers<void>();
      isHeld = true;
      this.#release = held.resolve;
      this.#state.value = "held";
      resolve(true);
      return held.promise;
    }).catch(() => {
      resolve(false);
      // A tab that is in a call has taken it away.
      if (isHeld) this.#deny(turn);
    });
    return promise;
  }

  #giveBack(): void {
    clearTimeout(this.#timer);
    this.#state.value = "unknown";
    this.#release?.();
    this.#release = null;
  }
}
