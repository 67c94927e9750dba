import { batch, effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** What a frame queue goes by. */
export interface FrameQueueOptions {
  /** False while nothing is drawn. */
  readonly isVisible: ReadonlySignal<boolean>;
  /** True from a key press or a click until a frame shows its effect. */
  readonly isInputWaiting: () => boolean;
  /** Calls `callback` once, before the next frame; null if no frames are drawn at all. */
  readonly onFrame: ((callback: () => void) => void) | null;
}

/** If drawing is fast, the next frame comes within this time. */
const QUICK_FRAME_MS = 25;
/** The aim for one slow drawing, since a key pressed meanwhile waits until it is done. */
const PART_MS = 80;
/** The size of the first part, while the speed of the machine is unknown. */
const PART_START_COUNT = 16;
/** Each part has at least the waiting events divided by this, so that a slow machine's backlog is bounded. */
const PARTS_BEHIND_MAX_COUNT = 8;
/** Somebody who holds a key down does not delay events longer than this. */
const INPUT_PATIENCE_MS = 250;

/**
 * Delivers server events in order, once per frame, so that a busy room costs one render per frame and not one per
 * event. Events after a pause are delivered immediately, as is everything while the tab is hidden. If drawing is
 * slow, events are delivered in parts, and keys are answered between them.
 */
export class FrameQueue {
  readonly #options: FrameQueueOptions;
  readonly #stop: () => void;
  #waiting: (() => void)[] = [];
  /** The last part is not drawn yet, or the next one waits for a key. */
  #isDrawing = false;
  #partCount = PART_START_COUNT;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
    this.#stop = effect(() => {
      if (!options.isVisible.value) this.flush();
    });
  }

  /** Delivers something, now or with a later frame. */
  add(action: () => void): void {
    this.#waiting.push(action);
    if (this.#options.onFrame === null || !this.#options.isVisible.peek()) this.flush();
    else if (!this.#isDrawing) this.#drawPart();
  }

  /** Delivers everything that waits. */
  flush(): void {
    this.#deliver(this.#waiting.length);
  }

  /** Stops following the tab; waiting events are dropped. */
  [Symbol.dispose](): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  /** Delivers a part; the next one follows once it is drawn. */
  #drawPart(): void {
    const waitingCount = this.#waiting.length;
    this.#isDrawing = waitingCount > 0;
    if (!this.#isDrawing) return;
    const atLeastCount = Math.ceil(waitingCount / PARTS_BEHIND_MAX_COUNT);
    const count = Math.min(waitingCount, Math.max(this.#partCount, atLeastCount));
    const startedAt = performance.now();
    this.#deliver(count);
    this.#options.onFrame?.(() => {
      if (performance.now() - startedAt > QUICK_FRAME_MS) {
        this.#afterFrame(() => {
          this.#measure(count, performance.now() - startedAt);
          this.#drawWhenFree(performance.now() + INPUT_PATIENCE_MS);
        });
        return;
      }
      // In this very frame: a fast machine would otherwise use only every second one.
      this.#measure(count, 0);
      this.#drawPart();
    });
  }

  #deliver(count: number): void {
    const actions = this.#waiting.splice(0, count);
    if (actions.length === 0) return;
    batch(() => {
      for (const action of actions) attempt(action);
    });
  }

  #measure(count: number, tookMs: number): void {
    if (tookMs > PART_MS) this.#partCount = Math.max(1, Math.floor(count * PART_MS / tookMs));
    // A small part that was fast says nothing about a large one.
    else if (count >= this.#partCount) this.#partCount *= 2;
  }

  #drawWhenFree(until: number): void {
    if (!this.#options.isInputWaiting() || performance.now() >= until) this.#drawPart();
    else this.#options.onFrame?.(() => this.#afterFrame(() => this.#drawWhenFree(until)));
  }

  /** Calls back after the frame that is about to be drawn; the browser handles key presses first. */
  #afterFrame(callback: () => void): void {
    this.#timer = setTimeout(callback);
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
