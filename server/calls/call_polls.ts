import type { CallUpdate } from "../../shared/call/call_types.ts";
import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { TabAddress } from "../../shared/signal.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { currentCaller, runForAll } from "../kv/caller.ts";
import { topicOf } from "../streams/signals.ts";
import type { Signals } from "../streams/signals.ts";
import type { CallListener } from "./call_listeners.ts";
import { PollBuffer } from "./poll_buffer.ts";

/** A tab that has not polled for this long is forgotten. */
const IDLE_MS = 30_000;
/** Tabs that poll, of one person and on this instance. */
const TABS_PER_USER_COUNT = 10;
const TABS_MAX_COUNT = 2_000;
/** How long a first poll waits for its snapshot, which is read from storage. */
const SNAPSHOT_WITHIN_MS = 5_000;

export interface CallPollsOptions {
  readonly signals: Signals;
  /** Renews the lease of the tab's participant. */
  readonly renew: (address: TabAddress) => void;
  /** Monotonic time in milliseconds. */
  readonly elapsed: () => number;
}

/** A poll. */
export interface PollOptions {
  readonly address: TabAddress;
  readonly cursor: string | null;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Throws if the session has ended; called after a wait. */
  readonly resolve: () => Promise<unknown>;
}

/** What a poll is answered. */
export interface PollAnswer {
  readonly updates: CallUpdate[];
  readonly cursor: string;
}

interface PollingTab {
  readonly userId: UserId;
  readonly buffer: PollBuffer;
  readonly ended: AbortController;
  /** Why the tab can no longer listen. */
  failure: unknown;
  timer: ReturnType<typeof setTimeout> | null;
}

/** Tabs that ask for updates again and again instead of holding a stream. */
export class CallPolls {
  readonly #options: CallPollsOptions;
  /** By topic, sorted by last use. */
  readonly #tabs = new Map<string, PollingTab>();
  readonly #waits = new Set<AbortController>();

  constructor(options: CallPollsOptions) {
    this.#options = options;
  }

  /**
   * Returns the updates after a cursor, waiting up to `waitMs` for the first. A cursor that is null, too old, or of
   * another instance starts over with a snapshot.
   */
  async poll({ address, cursor, waitMs, signal, resolve }: PollOptions): Promise<PollAnswer> {
    const topic = topicOf(SIGNALS.signals, address);
    let tab = this.#tabs.get(topic);
    const isKnown = tab !== undefined && cursor !== null && tab.buffer.acknowledge(cursor);
    if (tab === undefined || !isKnown) tab = this.#open(topic, address);
    this.#touch(topic, tab);
    this.#options.renew(address);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), isKnown ? waitMs : SNAPSHOT_WITHIN_MS);
    let endWait: (() => void) | undefined;
    this.#waits.add(timeout);
    try {
      const { buffer, ended } = tab;
      if (isKnown && waitMs > 0) endWait = currentCaller()?.beginWait(() => timeout.abort());
      await buffer.wait(AbortSignal.any([signal, timeout.signal, ended.signal]));
      if (tab.failure !== null) throw tab.failure;
      await resolve();
      const updates = buffer.updates();
      if (!isKnown && updates.length === 0) throw unavailable();
      return { updates, cursor: buffer.cursor };
    } finally {
      clearTimeout(timer);
      endWait?.();
      this.#waits.delete(timeout);
      if (this.#tabs.get(topic) === tab) this.#touch(topic, tab);
    }
  }

  /** Number of polls that wait. */
  get waitCount(): number {
    return this.#waits.size;
  }

  /** Answers all waiting polls, as if their time were up. */
  endWaits(): void {
    for (const wait of this.#waits) wait.abort();
  }

  /** Stops listening for all tabs. */
  close(): void {
    for (const topic of this.#tabs.keys()) this.#forget(topic);
  }

  #open(topic: string, address: TabAddress): PollingTab {
    this.#forget(topic);
    const { userId } = address;
    const own = [...this.#tabs].filter(([, tab]) => tab.userId === userId);
    for (const [oldest] of own.slice(0, Math.max(0, own.length + 1 - TABS_PER_USER_COUNT))) {
      this.#forget(oldest);
    }
    if (this.#tabs.size >= TABS_MAX_COUNT) {
      throw new AppError("too_many_subscriptions", "Too many tabs are polling", { retryAfterMs: IDLE_MS });
    }
    const tab: PollingTab = {
      userId,
      buffer: new PollBuffer(this.#options.elapsed),
      ended: new AbortController(),
      failure: null,
      timer: null,
    };
    this.#tabs.set(topic, tab);
    const listener: CallListener = {
      ...address,
      connection: null,
      signal: tab.ended.signal,
      isPolling: true,
    };
    // Not on the account of the first poll, because later ones read it too.
    runForAll(() => this.#options.signals.pipe(SIGNALS.signals, listener, tab.buffer))
      .catch((error: unknown) => {
        tab.failure = error;
        if (this.#tabs.get(topic) === tab) this.#forget(topic);
      });
    return tab;
  }

  /** Moves the tab to the end, and begins its time anew. */
  #touch(topic: string, tab: PollingTab): void {
    this.#tabs.delete(topic);
    this.#tabs.set(topic, tab);
    if (tab.timer !== null) clearTimeout(tab.timer);
    tab.timer = setTimeout(() => this.#forget(topic), IDLE_MS);
  }

  #forget(topic: string): void {
    const tab = this.#tabs.get(topic);
    if (tab === undefined) return;
    this.#tabs.delete(topic);
    if (tab.timer !== null) clearTimeout(tab.timer);
    tab.ended.abort();
  }
}

function unavailable(): AppError {
  return new AppError("storage_unavailable", "Calls could not be read", { retryAfterMs: 1_000 });
}
