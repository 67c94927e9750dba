import { batch, effect } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** What a frame queue goes by. */
export interface FrameQueueOptions {
  /** False while nothing is drawn. */
  readonly isVisible: ReadonlySignal<boolean>;
  /** Calls back once, before the next frame is drawn; null where no frames are drawn at all. */
  readonly onFrame: ((callback: () => void) => void) | null;
}

/** The next frame comes within this time where drawing is quick. */
const QUICK_FRAME_MS = 25;
/** Nothing rests longer, however slow the machine is. */
const REST_MAX_MS = 200;

/**
 * Hands on what the server tells, in order, once a frame: a busy room then costs one drawing a frame and not one an
 * event. What comes after a pause goes at once, as does everything while the tab is hidden. Where drawing takes long,
 * the queue then rests for as long: half of the time belongs to who types or scrolls meanwhile.
 */
export class FrameQueue {
  readonly #options: FrameQueueOptions;
  readonly #stop: () => void;
  #waiting: (() => void)[] = [];
  /** Something was handed on since the last frame, or the queue rests. */
  #isFrameUsed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
    this.#stop = effect(() => {
      if (!options.isVisible.value) this.flush();
    });
  }

  /** Hands something on, now or with the next frame. */
  add(action: () => void): void {
    this.#waiting.push(action);
    if (!this.#isFrameUsed || !this.#options.isVisible.peek()) this.flush();
  }

  /** Hands on all that waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const actions = this.#waiting;
    this.#waiting = [];
    this.#useFrame();
    batch(() => {
      for (const action of actions) attempt(action);
    });
  }

  /** Stops following the tab; what waits is forgotten. */
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
      // By a timer: frames that are asked for and change nothing cost a slow machine a part of what rests.
      else this.#timer = setTimeout(() => onFrame(end), Math.min(tookMs, REST_MAX_MS));
    });
  }
}

/** One that fails must not take the others with it. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    reportError(error);
  }
}
