import type { UserId } from "../../shared/ids.ts";
import { PRESENCE_DEBOUNCE_MS } from "../../shared/limits.ts";
import {
  effectiveText,
  isPlainOffline,
  isSameState,
  isStepDown,
  offlineState,
  withoutExpiredText,
} from "../../shared/presence.ts";
import type { PresenceState, PresenceStatus, StatusText } from "../../shared/presence.ts";
import type { PresenceLeases } from "./presence_leases.ts";

/** A lone change waits this long for company. */
const BATCH_DELAY_MS = 50;
/** Batches come at least this far apart … */
const BATCH_INTERVAL_MIN_MS = 100;
/** … and never further. */
const BATCH_INTERVAL_MAX_MS = 3_000;
/** A batch costs one frame a reader: with 5,000 people one a second is 5,000 frames a second, not 5,000². */
const BATCH_INTERVAL_PER_PERSON_MS = 0.2;
/** A long batch is followed by a long pause: when all come at once, each is told of all a few times, not each second. */
const BATCH_INTERVAL_PER_CHANGE_MS = 20;

interface Wait {
  readonly dueAt: number;
  readonly status: PresenceStatus;
}

/**
 * What everybody has been told, and what is to be told next. Going away or offline waits 5 s, so that a reload
 * does not flicker; coming back, texts and do-not-disturb go with the next batch.
 */
export class PresenceBroadcaster {
  readonly #leases: PresenceLeases;
  readonly #now: () => number;
  readonly #states = new Map<UserId, PresenceState>();
  readonly #texts = new Map<UserId, StatusText>();
  /** Who looks different from what was told. */
  readonly #changed = new Set<UserId>();
  /** Whose step down is not told yet; all wait equally long, so the first to come is the first due. */
  readonly #waits = new Map<UserId, Wait>();
  /** Whose step down has waited long enough. */
  readonly #settled = new Set<UserId>();
  #flushAt = Infinity;
  #flushedAt = -Infinity;
  /** Changes in the last batch. */
  #flushedCount = 0;
  #textExpiresAt = Infinity;

  /** Shows nobody yet. */
  constructor(leases: PresenceLeases, now: () => number) {
    this.#leases = leases;
    this.#now = now;
  }

  /** What everybody has been told; who is offline and has nothing to say is not in it. */
  get states(): ReadonlyMap<UserId, PresenceState> {
    return this.#states;
  }

  /** When `flush` has something to do; `Infinity` when nothing is to come. */
  get nextAt(): number {
    const firstWait = this.#waits.values().next().value;
    return Math.min(this.#flushAt, firstWait?.dueAt ?? Infinity, this.#textExpiresAt);
  }

  /** Takes what a person says of itself. */
  setText(userId: UserId, statusText: StatusText): void {
    if (statusText.text === "" && !statusText.doNotDisturb) this.#texts.delete(userId);
    else this.#texts.set(userId, statusText);
    if (statusText.textUntil !== null) {
      this.#textExpiresAt = Math.min(this.#textExpiresAt, Date.parse(statusText.textUntil));
    }
    this.touch(userId);
  }

  /** Looks at a person again. `isSettled` shows a step down without the wait. */
  touch(userId: UserId, options: { readonly isSettled?: boolean } = {}): void {
    const now = this.#now();
    const shown = this.#shownOf(userId);
    const status = this.#leases.statusOf(userId, now);
    if (!isStepDown(shown.status, status)) {
      this.#waits.delete(userId);
      this.#settled.delete(userId);
    } else if (options.isSettled === true) {
      this.#waits.delete(userId);
      this.#settled.add(userId);
    } else if (!this.#settled.has(userId)) {
      const wait = this.#waits.get(userId);
      if (wait === undefined || isStepDown(wait.status, status)) {
        this.#waits.delete(userId);
        this.#waits.set(userId, { dueAt: now + PRESENCE_DEBOUNCE_MS, status });
      }
    }
    if (!isSameState(this.#nextOf(userId, now), shown)) this.#mark(userId, now);
  }

  /** Lets everything fall due so much earlier, with the clock; texts end by the clock itself. */
  setBack(ms: number): void {
    this.#flushAt -= ms;
    this.#flushedAt -= ms;
    for (const [userId, wait] of this.#waits) this.#waits.set(userId, { ...wait, dueAt: wait.dueAt - ms });
  }

  /** Forgets a person: gone with the next batch. */
  drop(userId: UserId): void {
    this.#texts.delete(userId);
    this.touch(userId, { isSettled: true });
  }

  /** Moves on to `nowMs`; gives the states that changed since the last time, when a batch is due or forced. */
  flush(nowMs: number, options: { readonly isForced?: boolean } = {}): PresenceState[] {
    this.#settleWaits(nowMs);
    if (nowMs >= this.#textExpiresAt) this.#expireTexts(nowMs);
    if (nowMs < this.#flushAt && options.isForced !== true) return [];
    const batch: PresenceState[] = [];
    for (const userId of this.#changed) {
      const next = this.#nextOf(userId, nowMs);
      this.#settled.delete(userId);
      if (isSameState(next, this.#shownOf(userId))) continue;
      if (isPlainOffline(next)) this.#states.delete(userId);
      else this.#states.set(userId, next);
      batch.push(next);
    }
    this.#changed.clear();
    this.#flushAt = Infinity;
    if (batch.length > 0) {
      this.#flushedAt = nowMs;
      this.#flushedCount = batch.length;
    }
    return batch;
  }

  #shownOf(userId: UserId): PresenceState {
    return this.#states.get(userId) ?? offlineState(userId);
  }

  /** How a person would look in the next batch. */
  #nextOf(userId: UserId, nowMs: number): PresenceState {
    const shown = this.#shownOf(userId);
    const actual = this.#leases.statusOf(userId, nowMs);
    const isTooEarly = isStepDown(shown.status, actual) && !this.#settled.has(userId);
    const status = isTooEarly ? shown.status : actual;
    const state = { ...offlineState(userId), ...this.#texts.get(userId), status };
    return withoutExpiredText(state, nowMs);
  }

  #mark(userId: UserId, nowMs: number): void {
    this.#changed.add(userId);
    if (this.#flushAt !== Infinity) return;
    const interval = Math.min(
      BATCH_INTERVAL_MAX_MS,
      Math.max(
        BATCH_INTERVAL_MIN_MS,
        this.#leases.peopleCount * BATCH_INTERVAL_PER_PERSON_MS,
        this.#flushedCount * BATCH_INTERVAL_PER_CHANGE_MS,
      ),
    );
    this.#flushAt = Math.max(nowMs + BATCH_DELAY_MS, this.#flushedAt + interval);
  }

  #settleWaits(nowMs: number): void {
    for (const [userId, wait] of this.#waits) {
      if (wait.dueAt > nowMs) return;
      this.touch(userId, { isSettled: true });
    }
  }

  #expireTexts(nowMs: number): void {
    this.#textExpiresAt = Infinity;
    for (const [userId, statusText] of this.#texts) {
      if (statusText.textUntil === null) continue;
      if (effectiveText(statusText, nowMs) === "") {
        this.setText(userId, { ...statusText, text: "", textUntil: null });
      } else {
        this.#textExpiresAt = Math.min(this.#textExpiresAt, Date.parse(statusText.textUntil));
      }
    }
  }
}
