import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";

/** The transport to the server. */
export type TransportKind = "websocket" | "sse" | "polling";
/** What this tab's streams are needed for: a call keeps them while the tab is hidden, and before other tabs. */
export type StreamNeed = "page" | "ringing" | "call";
/** The state of the connection banner. */
export type ConnectionNotice = "none" | "connecting" | "lost" | "offline" | "back";

/** What has happened to the connection, for a bug report. */
export interface ConnectionEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: "opened" | "lost" | "dial_failed" | "switched";
  readonly transport: TransportKind;
  /** The close code and what is known besides; empty if there is none. */
  readonly reason: string;
  /** How often the same happened in a row; `at` is the first time. */
  readonly count: number;
}

/** The latest of them are kept. */
export const HISTORY_MAX_COUNT = 30;
/** Shorter interruptions are not shown. */
export const BANNER_AFTER_MS = 4_000;
const BANNER_AT_LEAST_MS = 1_000;
/** How long "Back online" is shown. */
export const BACK_FOR_MS = 4_000;

/** Options of `ConnectionModel`. */
export interface ConnectionOptions {
  readonly now?: () => number;
  /** False while the device reports that it has no network. */
  readonly isDeviceOnline?: ReadonlySignal<boolean>;
}

/** The state of the connection, as signals. Only `client/net` calls the methods that change it. */
export class ConnectionModel {
  readonly #now: () => number;
  readonly #phase = signal<"idle" | "connecting" | "open" | "reconnecting" | "ended">("idle");
  readonly #transport = signal<TransportKind>("websocket");
  readonly #retryAt = signal<number | null>(null);
  readonly #isLate = signal(false);
  readonly #isBack = signal(false);
  readonly #history = signal<readonly ConnectionEvent[]>([]);
  readonly #roundTripMs = signal<number | null>(null);
  #lateTimer: ReturnType<typeof setTimeout> | undefined;
  #backTimer: ReturnType<typeof setTimeout> | undefined;
  #onTryNow: () => void = () => {};
  #onMeasure: () => void = () => {};

  /** False while the device reports that it has no network. */
  readonly isDeviceOnline: ReadonlySignal<boolean>;
  /** True while calls reach the server. */
  readonly isOpen: ReadonlySignal<boolean> = computed(() => this.#phase.value === "open");
  /** The current or next transport. */
  readonly transport: ReadonlySignal<TransportKind> = this.#transport;
  /** Calls set what they need. */
  readonly need: Signal<StreamNeed> = signal<StreamNeed>("page");
  /** The time of the next dial in epoch milliseconds; null while one is running or none is planned. */
  readonly retryAt: ReadonlySignal<number | null> = this.#retryAt;
  /** What has happened, the latest last. */
  readonly history: ReadonlySignal<readonly ConnectionEvent[]> = this.#history;
  /** How long the server took to answer last; null before it has. */
  readonly roundTripMs: ReadonlySignal<number | null> = this.#roundTripMs;
  /** The state of the banner: nothing during the first four seconds, and "back" only if it was shown before. */
  readonly notice: ReadonlySignal<ConnectionNotice> = computed(() => {
    if (this.#phase.value === "idle" || this.#phase.value === "ended") return "none";
    if (this.#isBack.value) return "back";
    if (!this.#isLate.value) return "none";
    if (!this.isDeviceOnline.value) return "offline";
    return this.#phase.value === "connecting" ? "connecting" : "lost";
  });

  constructor(options: ConnectionOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.isDeviceOnline = options.isDeviceOnline ?? signal(true);
  }

  /** Ends the wait before the next dial. */
  tryNow(): void {
    this.#onTryNow();
  }

  /** Sets the handler of `tryNow`. */
  handleTryNow(handler: () => void): void {
    this.#onTryNow = handler;
  }

  /** Measures the round trip now. */
  measure(): void {
    this.#onMeasure();
  }

  /** Sets the handler of `measure`. */
  handleMeasure(handler: () => void): void {
    this.#onMeasure = handler;
  }

  /** The server has answered after this time. */
  answered(ms: number): void {
    this.#roundTripMs.value = ms;
  }

  /** The first dial starts; `since` is when the server was first asked. */
  begin(kind: TransportKind, since: number = this.#now()): void {
    batch(() => {
      this.#transport.value = kind;
      this.#phase.value = "connecting";
      this.#startSilence(since);
    });
  }

  /** The connection is open. */
  opened(kind: TransportKind): void {
    clearTimeout(this.#lateTimer);
    batch(() => {
      this.#transport.value = kind;
      if (this.#phase.value !== "open") this.#note("opened", "");
      this.#phase.value = "open";
      this.#retryAt.value = null;
      if (this.#isLate.value) this.#showBack();
      this.#isLate.value = false;
    });
  }

  /** Another transport is tried from now on. */
  switched(kind: TransportKind): void {
    if (this.#transport.value === kind) return;
    this.#transport.value = kind;
    this.#note("switched", "");
  }

  /** A dial has failed. */
  dialFailed(reason: string): void {
    this.#note("dial_failed", reason);
  }

  /** The connection was lost for a reason; the last data may have arrived earlier. */
  lost(reason: string, heardAt: number = this.#now()): void {
    const phase = this.#phase.value;
    if (phase === "ended" || phase === "idle") return;
    batch(() => {
      this.#note("lost", reason);
      if (phase !== "open") return;
      this.#phase.value = "reconnecting";
      this.#isBack.value = false;
      this.#startSilence(heardAt);
    });
  }

  /** The next dial is planned, or null: it has started. */
  planned(retryAt: number | null): void {
    this.#retryAt.value = retryAt;
  }

  /** Nothing is tried any more: the user has signed out (`idle`), or the server has ended the session. */
  stopped(phase: "idle" | "ended"): void {
    clearTimeout(this.#lateTimer);
    clearTimeout(this.#backTimer);
    batch(() => {
      this.#phase.value = phase;
      this.#retryAt.value = null;
      this.#isLate.value = false;
      this.#isBack.value = false;
    });
  }

  #note(type: ConnectionEvent["type"], reason: string): void {
    const before = this.#history.value;
    const last = before.at(-1);
    const transport = this.#transport.value;
    const isSame = last?.type === type && last.transport === transport && last.reason === reason;
    const event = isSame
      ? { ...last, count: last.count + 1 }
      : { at: this.#now(), type, transport, reason, count: 1 };
    this.#history.value = [...(isSame ? before.slice(0, -1) : before), event].slice(-HISTORY_MAX_COUNT);
  }

  #startSilence(since: number): void {
    clearTimeout(this.#lateTimer);
    // The next dial may succeed at once, so wait a moment even after a long silence.
    const ms = Math.max(BANNER_AT_LEAST_MS, BANNER_AFTER_MS - (this.#now() - since));
    this.#lateTimer = setTimeout(() => this.#isLate.value = true, ms);
  }

  #showBack(): void {
    this.#isBack.value = true;
    clearTimeout(this.#backTimer);
    this.#backTimer = setTimeout(() => this.#isBack.value = false, BACK_FOR_MS);
  }
}
