import { effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** Keeps the screen on while it is wanted. Browsers drop the lock when the page is hidden; it is taken again. */
export class WakeLock implements Disposable {
  readonly #isWanted: ReadonlySignal<boolean>;
  readonly #stop = new AbortController();
  readonly #unfollow: () => void;
  #lock: WakeLockSentinel | null = null;
  #isAsking = false;

  constructor(isWanted: ReadonlySignal<boolean>) {
    this.#isWanted = isWanted;
    document.addEventListener("visibilitychange", () => void this.#take(), { signal: this.#stop.signal });
    this.#unfollow = effect(() => isWanted.value ? void this.#take() : this.#release());
  }

  /** Lets the screen go off. */
  [Symbol.dispose](): void {
    this.#unfollow();
    this.#stop.abort();
    this.#release();
  }

  async #take(): Promise<void> {
    const isHeld = this.#lock !== null && !this.#lock.released;
    if (isHeld || this.#isAsking || !this.#mayTake()) return;
    this.#isAsking = true;
    try {
      this.#lock = await navigator.wakeLock?.request("screen") ?? null;
    } catch {
      // A battery that is low: the screen goes off as usual.
    } finally {
      this.#isAsking = false;
    }
    if (!this.#isWanted.peek() || this.#stop.signal.aborted) this.#release();
  }

  #mayTake(): boolean {
    return this.#isWanted.peek() && document.visibilityState === "visible" && !this.#stop.signal.aborted;
  }

  #release(): void {
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }
}
