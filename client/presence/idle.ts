import { computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { PRESENCE_IDLE_MS } from "../../shared/limits.ts";

/** A tab sees no input while it is hidden; users who return within this time were not away. */
const HIDDEN_IDLE_MS = 60_000;
const TICK_MS = 10_000;
/** A tick this late means that the machine slept; browsers delay ticks of hidden tabs by up to a minute. */
const SLEPT_MS = { visible: 30_000, hidden: 90_000 } as const;
const INPUT_EVENTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Options of `IdleModel`. */
export interface IdleOptions {
  /** The source of input events, such as `window`. */
  readonly input: EventTarget;
  /** The source of `visibilitychange`, such as `document`. */
  readonly page: EventTarget & { readonly visibilityState: "visible" | "hidden" };
  /** Whether the user takes part in a call, and so is here without any input. */
  readonly isInCall?: ReadonlySignal<boolean>;
  readonly now?: () => number;
}

/**
 * Whether the user is away from this tab: five minutes without input, hidden for a minute, or no input since the
 * machine slept; never in a call. The server combines all devices of a user.
 */
export class IdleModel {
  readonly #options: IdleOptions;
  readonly #now: () => number;
  readonly #isIdle = signal(false);
  readonly #stops: (() => void)[] = [];
  #inputAt: number;
  #hiddenAt: number | null = null;
  #tickAt: number;
  #hasSlept = false;

  /** True while the user is away. */
  readonly isIdle: ReadonlySignal<boolean> = computed(() =>
    this.#isIdle.value && this.#options.isInCall?.value !== true
  );

  constructor(options: IdleOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#inputAt = this.#tickAt = this.#now();
  }

  /** Starts to listen. */
  start(): void {
    const { input, page } = this.#options;
    const onInput = () => this.#touched();
    const onVisibility = () => this.#seen();
    // Captured, since handlers may stop the event.
    const how = { capture: true, passive: true };
    for (const type of INPUT_EVENTS) input.addEventListener(type, onInput, how);
    page.addEventListener("visibilitychange", onVisibility);
    const ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#stops.push(() => {
      for (const type of INPUT_EVENTS) input.removeEventListener(type, onInput, how);
      page.removeEventListener("visibilitychange", onVisibility);
      clearInterval(ticker);
    });
    this.#inputAt = this.#tickAt = this.#now();
    this.#seen();
  }

  /** Stops listening. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #touched(): void {
    this.#inputAt = this.#now();
    this.#hasSlept = false;
    this.#isIdle.value = false;
  }

  #seen(): void {
    if (this.#options.page.visibilityState === "hidden") {
      this.#hiddenAt ??= this.#now();
      return;
    }
    const wasHidden = this.#hiddenAt !== null;
    // Opening a tab counts as activity; a tab that wakes up with its machine does not.
    const isOpened = wasHidden && this.#now() - this.#tickAt <= SLEPT_MS.hidden;
    this.#hiddenAt = null;
    if (isOpened) {
      this.#tickAt = this.#now();
      this.#touched();
    } else this.#tick();
  }

  #tick(): void {
    const now = this.#now();
    const isHidden = this.#hiddenAt !== null;
    if (now - this.#tickAt > (isHidden ? SLEPT_MS.hidden : SLEPT_MS.visible)) this.#hasSlept = true;
    this.#tickAt = now;
    const isLongHidden = this.#hiddenAt !== null && now - this.#hiddenAt >= HIDDEN_IDLE_MS;
    this.#isIdle.value = this.#hasSlept || isLongHidden || now - this.#inputAt >= PRESENCE_IDLE_MS;
  }
}
