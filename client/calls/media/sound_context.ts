import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** What browsers take as a gesture, after which a page may sound. */
export const GESTURES = ["pointerdown", "pointerup", "keydown", "click"] as const;

/**
 * The one AudioContext of calls, there while something uses it. Browsers keep it silent until the first gesture of the
 * tab, and iOS interrupts it during phone calls: it is resumed at each gesture and when the page is seen again.
 */
export class SoundContext implements Disposable {
  readonly #isRunning = signal(false);
  readonly #stop = new AbortController();
  #context: AudioContext | null = null;
  #userCount = 0;

  /** Whether it sounds; false while nothing uses it. */
  readonly isRunning: ReadonlySignal<boolean> = this.#isRunning;

  /** Listens for gestures. */
  constructor() {
    const options = { signal: this.#stop.signal, capture: true, passive: true };
    for (const type of GESTURES) globalThis.addEventListener(type, () => this.#resume(), options);
    document.addEventListener("visibilitychange", () => this.#resume(), options);
  }

  /** Opens the context; each call needs one of `release`. */
  use(): AudioContext {
    this.#userCount++;
    if (this.#context !== null) return this.#context;
    const context = new AudioContext();
    this.#context = context;
    context.addEventListener("statechange", () => this.#look());
    this.#look();
    this.#resume();
    return context;
  }

  /** Closes the context after its last use. */
  release(): void {
    if (this.#userCount > 0 && --this.#userCount === 0) this.#close();
  }

  /** Closes the context. */
  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#close();
  }

  #look(): void {
    this.#isRunning.value = this.#context?.state === "running";
  }

  #resume(): void {
    const context = this.#context;
    if (context === null || context.state === "running") return;
    // It is refused before the first gesture, and tried again with it.
    context.resume().catch(() => {});
  }

  #close(): void {
    const context = this.#context;
    this.#context = null;
    this.#look();
    context?.close().catch(() => {});
  }
}
