import { batch, effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

export interface FrameQueueOptions {
  /** False while nothing is drawn. */
  readonly isVisible: ReadonlySignal<boolean>;
  /** Calls `callback` once, before the next frame; null if no frames are drawn at all. */
  readonly onFrame: ((callback: () => void) => void) | null;
}

/** If drawing is fast, the next frame comes within this time. */
const QUICK_FRAME_MS = 25;
/** The queue never rests longer, however slow the machine is. */
const REST_MAX_MS = 200;

/**
 * Delivers server events in order, once per frame, so that a busy room costs one render per frame and not one per
 * event. Events after a pause are delivered immediately, as is everything while the tab is hidden. If rendering is
 * slow, the queue rests for as long as it took, so that half of the time remains for typing and scrolling.
 */
export class FrameQueue {
  readonly #options: FrameQueueOptions;
  readonly #stop: () => void;
  #waiting: (() => void)[] = [];
  /** Something was delivered since the last frame, or the queue rests. */
  #isFrameUsed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
    this.#stop = effect(() => {
      if (!options.isVisible.value) this.flush();
    });
  }

  /** Delivers something, now or with the next frame. */
  add(action: () => void): void {
    this.#waiting.push(action);
    if (!this.#isFrameUsed || !this.#options.isVisible.peek()) this.flush();
  }

  /** Delivers everything that waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const actions = this.#waiting;
    this.#waiting = [];
    this.#useFrame();
    batch(() => {
      for (const action of actions) attempt(action);
    });
  }

  /** Stops following the tab; waiting events are dropped. */
  dispose(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #useFrame(): void {
    const { onFrame } = this.#options;
    if (this.#isFrameUsed || onFrame === null) return;
    this.#isFrameUsed = true;
    const startedAt = performance.now();
    const end = () => {
      this.#isFrameUsed = false;
      this.flush();
    };
    onFrame(() => {
      const tookMs = performance.now() - startedAt;
      if (tookMs <= QUICK_FRAME_MS) end();
      // With a timer, because requesting frames that change nothing is expensive on a slow machine.
      else this.#timer = setTimeout(() => onFrame(end), Math.min(tookMs, REST_MAX_MS));
    });
  }
}

/** One failing action must not affect the others. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    reportError(error);
  }
}
