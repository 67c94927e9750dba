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

/** How long a single change waits for others. */
const BATCH_DELAY_MS = 50;
/** Minimum interval between batches … */
const BATCH_INTERVAL_MIN_MS = 100;
/** … and the maximum. */
const BATCH_INTERVAL_MAX_MS = 3_000;
/** A batch costs one frame per reader: with 5,000 people and one per second, 5,000 frames, not 5,000². */
const BATCH_INTERVAL_PER_PERSON_MS = 0.2;
/** Long batches are followed by long pauses: if all connect at once, each gets a few large batches. */
const BATCH_INTERVAL_PER_CHANGE_MS = 20;

interface Wait {
  readonly dueAt: number;
  readonly status: PresenceStatus;
}

/**
 * The states that readers have received, and those to send next. Going away or offline waits 5 s, so that a reload
 * does not flicker; coming back, texts and do-not-disturb are in the next batch.
 */
export class PresenceBroadcaster {
  readonly #leases: PresenceLeases;
  readonly #now: () => number;
  readonly #states = new Map<UserId, PresenceState>();
  readonly #texts = new Map<UserId, StatusText>();
  /** People whose state differs from what was sent. */
  readonly #changed = new Set<UserId>();
  /** Those whose account was deactivated since the last batch. */
  readonly #deactivated = new Set<UserId>();
  /** People whose step down waits; sorted by time, since all wait equally long. */
  readonly #waits = new Map<UserId, Wait>();
  /** People whose step down has waited long enough. */
  readonly #settled = new Set<UserId>();
  #flushAt = Infinity;
  #flushedAt = -Infinity;
  /** Number of changes in the last batch. */
  #flushedCount = 0;
  #textExpiresAt = Infinity;

  constructor(leases: PresenceLeases, now: () => number) {
    this.#leases = leases;
    this.#now = now;
  }

  /** States as sent to readers, without people who are offline and have no status text. */
  get states(): ReadonlyMap<UserId, PresenceState> {
    return this.#states;
  }

  /** When `flush` has something to do; `Infinity` if nothing waits. */
  get nextAt(): number {
    const firstWait = this.#waits.values().next().value;
    return Math.min(this.#flushAt, firstWait?.dueAt ?? Infinity, this.#textExpiresAt);
  }

  /** Sets the status text of a person. */
  setText(userId: UserId, statusText: StatusText): void {
    if (statusText.text === "" && !statusText.doNotDisturb) this.#texts.delete(userId);
    else this.#texts.set(userId, statusText);
    if (statusText.textUntil !== null) {
      this.#textExpiresAt = Math.min(this.#textExpiresAt, Date.parse(statusText.textUntil));
    }
    this.touch(userId);
  }

  /** Updates the state of a person. With `isSettled`, a step down does not wait. */
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

  /** Moves deadlines back after the clock stepped back, except those of texts. */
  setBack(ms: number): void {
    this.#flushAt -= ms;
    this.#flushedAt -= ms;
    for (const [userId, wait] of this.#waits) this.#waits.set(userId, { ...wait, dueAt: wait.dueAt - ms });
  }

  /** Removes a deactivated person; the next batch tells it. */
  drop(userId: UserId): void {
    this.#texts.delete(userId);
    this.touch(userId, { isSettled: true });
    this.#deactivated.add(userId);
    this.#mark(userId, this.#now());
  }

  /** Advances to `nowMs`; returns the states that changed since the last batch, if one is due or forced. */
  flush(nowMs: number, options: { readonly isForced?: boolean } = {}): PresenceState[] {
    this.#settleWaits(nowMs);
    if (nowMs >= this.#textExpiresAt) this.#expireTexts(nowMs);
    if (nowMs < this.#flushAt && options.isForced !== true) return [];
    const batch: PresenceState[] = [];
    for (const userId of this.#changed) {
      const next = this.#nextOf(userId, nowMs);
      this.#settled.delete(userId);
      const isDeactivated = this.#deactivated.delete(userId);
      if (!isDeactivated && isSameState(next, this.#shownOf(userId))) continue;
      if (isPlainOffline(next)) this.#states.delete(userId);
      else this.#states.set(userId, next);
      batch.push(isDeactivated ? { ...next, isDeactivated } : next);
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

  /** Returns the state of a person for the next batch. */
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
