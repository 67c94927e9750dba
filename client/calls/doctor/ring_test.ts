import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { pause } from "../../net/wait.ts";
import type { TonePlayer } from "../call_parts.ts";

/** Long enough to go to another tab, and see that it rings there too. */
const WAIT_MS = 3_000;
/** A call rings for 45 s; this is enough to hear it. */
const RING_MS = 20_000;

/** Where a test ring is: it is about to come, or rings. */
export type RingStage = "none" | "waiting" | "ringing";

/** Options of `RingTest`. */
export interface RingTestOptions {
  readonly tones: TonePlayer;
  /** Shows who calls in the title of the tab; null shows the title as before. */
  readonly showTitle: (text: string | null) => void;
  readonly onAnswer: (isAnswered: boolean) => void;
}

/** Who rings in the test. */
export const TEST_CALLER = "Call doctor";

/** Rings this device as a call would: by its tone, its card, the title of the tab, and a notification if that is hidden. */
export class RingTest implements Disposable {
  readonly #options: RingTestOptions;
  readonly #stage = signal<RingStage>("none");
  #stop = new AbortController();

  readonly stage: ReadonlySignal<RingStage> = this.#stage;

  constructor(options: RingTestOptions) {
    this.#options = options;
  }

  /** Rings in three seconds, and until somebody answers or 20 s are over. */
  async start(): Promise<void> {
    this.#end();
    const { signal } = this.#stop = new AbortController();
    const { tones, showTitle, onAnswer } = this.#options;
    try {
      this.#stage.value = "waiting";
      await pause(WAIT_MS, signal);
      this.#stage.value = "ringing";
      tones.play("ring");
      showTitle(`${TEST_CALLER} is calling`);
      using _ = notify();
      await pause(RING_MS, signal);
      onAnswer(false);
    } catch {
      // Somebody answered, or the view was closed.
    } finally {
      if (this.#stop.signal === signal) this.#end();
    }
  }

  /** The person accepts or declines: either way they have noticed it. */
  answer(): void {
    this.#end();
    this.#options.onAnswer(true);
  }

  /** Stops ringing. */
  [Symbol.dispose](): void {
    this.#end();
  }

  #end(): void {
    this.#stop.abort();
    if (this.#stage.peek() === "none") return;
    this.#stage.value = "none";
    this.#options.tones.play(null);
    this.#options.showTitle(null);
  }
}

function notify(): Disposable {
  const isWanted = document.visibilityState === "hidden" && "Notification" in globalThis &&
    Notification.permission === "granted";
  let shown: Notification | null = null;
  try {
    if (isWanted) shown = new Notification(`${TEST_CALLER} is calling`, { tag: "doctor" });
  } catch {
    // Some browsers on phones show notifications of service workers only.
  }
  shown?.addEventListener("click", () => globalThis.focus());
  return { [Symbol.dispose]: () => shown?.close() };
}
