import type { PushPayload } from "../../shared/notify/push_payload.ts";
import { FairQueue } from "../auth/fair_queue.ts";
import { KeyedMutex } from "../kv/keyed_mutex.ts";
import type { Log } from "../log.ts";
import { pushAddress } from "./push_hosts.ts";
import { buildPush } from "./push_request.ts";
import type { PushRequest, PushWay } from "./push_request.ts";
import { outcomeOf } from "./push_outcome.ts";
import type { PushOutcome } from "./push_outcome.ts";
import type { PushDevice } from "./push_subscription_store.ts";
import type { VapidKeys } from "./vapid_store.ts";
import { VapidTokens } from "./vapid_tokens.ts";

/** Waits between attempts, in milliseconds; each is up to half longer, so that devices do not come back at once. */
const RETRY_AFTER_MS: readonly number[] = [2_000, 15_000, 60_000];
const ANSWER_TIMEOUT_MS = 10_000;
const RUNNING_COUNT = 16;
/** Devices whose push service did not answer lately share these, and cannot keep others waiting. */
const RUNNING_FAILING_COUNT = 4;
const LANES_PER_PERSON_COUNT = 4;
const JOBS_MAX_COUNT = 5_000;
const JOBS_PER_PERSON_COUNT = 200;
const FAILING_MAX_COUNT = 5_000;

export interface PushSenderOptions {
  readonly loadKeys: () => Promise<VapidKeys>;
  /** Address for complaints. */
  readonly subject: string;
  /** Names of push services. */
  readonly hosts: readonly string[];
  readonly fetch: typeof fetch;
  /** Whether a device may still be sent to: its subscription and its session have not ended. */
  readonly isValid: (device: PushDevice) => Promise<boolean>;
  /** Called when a push service no longer knows a device. */
  readonly onGone: (device: PushDevice) => Promise<void>;
  readonly log: Log;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** Shorter in tests. */
  readonly retryAfterMs?: readonly number[] | undefined;
}

interface Job extends PushRequest {
  readonly key: string;
  readonly isWanted: () => boolean;
  /** Later than that nobody waits for it, in epoch milliseconds. */
  readonly until: number;
  failedCount: number;
  /** A newer push of the topic takes its place. */
  isReplaced: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** False if it was given up and could be sent later. */
  readonly settled: PromiseWithResolvers<boolean>;
}

/** Sends pushes, a few at a time, again if it may help; the last one of a topic replaces those that wait. */
export class PushSender {
  /** Since the start: pushes by how they ended, and attempts after the first. */
  readonly counts: Record<"sent" | "gone" | "failed" | "dropped" | "retried", number> = {
    sent: 0,
    gone: 0,
    failed: 0,
    dropped: 0,
    retried: 0,
  };
  readonly #options: PushSenderOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #countByPerson = new Map<string, number>();
  readonly #failing = new Set<string>();
  readonly #lanes = new KeyedMutex();
  readonly #tokens = new VapidTokens();
  readonly #queue = new FairQueue(sharesOf(RUNNING_COUNT));
  readonly #failingQueue = new FairQueue(sharesOf(RUNNING_FAILING_COUNT));
  readonly #ending = new AbortController();

  constructor(options: PushSenderOptions) {
    this.#options = options;
  }

  /** Number of pushes that wait, are being sent, or will be sent again. */
  get waitingCount(): number {
    return this.#jobs.size;
  }

  /**
   * Sends a payload to devices; resolves once each has it or never will, with false if `close` gave some up. Nothing is
   * begun any more once `isWanted` is false.
   */
  async send(
    devices: readonly PushDevice[],
    payload: PushPayload,
    way: PushWay,
    isWanted: () => boolean = () => true,
  ): Promise<boolean> {
    const ends = await Promise.all(
      devices.map((device) => this.#add(device, payload, { ...way, isWanted })),
    );
    return !ends.includes(false);
  }

  /** Gives up what is left. */
  async close(): Promise<void> {
    this.#ending.abort();
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) if (job.timer !== undefined) this.#end(job, false);
    await Promise.all(jobs.map(({ settled }) => settled.promise));
  }

  #add(
    device: PushDevice,
    payload: PushPayload,
    way: PushWay & Pick<Job, "isWanted">,
  ): Promise<boolean> {
    const { sessionId, userId } = device;
    const key = `${sessionId} ${way.topic}`;
    const before = this.#jobs.get(key);
    if (before !== undefined) {
      before.isReplaced = true;
      if (before.timer !== undefined) this.#end(before);
    }
    const ownCount = this.#countByPerson.get(userId) ?? 0;
    if (
      this.#jobs.size >= JOBS_MAX_COUNT || ownCount >= JOBS_PER_PERSON_COUNT || this.#ending.signal.aborted
    ) {
      this.counts.dropped++;
      return Promise.resolve(!this.#ending.signal.aborted);
    }
    const job: Job = {
      ...way,
      device,
      payload,
      key,
      until: this.#options.now() + way.ttlSeconds * 1_000,
      failedCount: 0,
      isReplaced: false,
      timer: undefined,
      settled: Promise.withResolvers(),
    };
    this.#jobs.set(key, job);
    this.#countByPerson.set(userId, ownCount + 1);
    void this.#run(job);
    return job.settled.promise;
  }

  async #run(job: Job): Promise<void> {
    const { device } = job;
    const isFailing = this.#failing.has(device.sessionId);
    const queue = isFailing ? this.#failingQueue : this.#queue;
    const lane = isFailing ? `failing ${device.userId}` : laneOf(device);
    let outcome: PushOutcome;
    try {
      outcome = await this.#lanes.run(
        lane,
        () => queue.run([device.userId], () => this.#attempt(job)),
      );
    } catch (error) {
      this.#options.log.warn("Cannot send a push", { reason: String(error) });
      outcome = { type: "failed" };
    }
    this.#note(device, outcome);
    if (outcome.type === "again" && this.#isRepeated(job, outcome.afterMs)) return;
    this.counts[outcome.type === "again" ? "failed" : outcome.type]++;
    const isOver = outcome.type === "sent" || outcome.type === "gone" || job.isReplaced;
    this.#end(job, isOver || !this.#ending.signal.aborted);
  }

  async #attempt(job: Job): Promise<PushOutcome> {
    const { loadKeys, subject, hosts, fetch, isValid, onGone, now } = this.#options;
    const { device } = job;
    const address = pushAddress(device.endpoint, hosts);
    if (address === null) return { type: "failed" };
    const isOver = job.isReplaced || now() > job.until || this.#ending.signal.aborted;
    if (isOver || !job.isWanted()) return { type: "dropped" };
    const authorization = await this.#tokens.headerFor(device, { ...await loadKeys(), subject });
    const ttlSeconds = Math.max(0, Math.ceil((job.until - now()) / 1_000));
    const { headers, body } = await buildPush({ ...job, ttlSeconds }, authorization);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_TIMEOUT_MS);
    try {
      // Somebody may have signed out since the first attempt, or the browser is another person's now.
      if (job.failedCount > 0 && !await isValid(device)) return { type: "dropped" };
      const signal = AbortSignal.any([late.signal, this.#ending.signal]);
      const response = await fetch(address, { method: "POST", headers, body, redirect: "manual", signal });
      // Nothing in it is of use.
      await response.body?.cancel();
      const outcome = outcomeOf(response, now());
      if (outcome.type === "gone") await onGone(device);
      if (outcome.type === "failed") {
        this.#options.log.warn("A push service refused a push", {
          host: address.hostname,
          status: response.status,
        });
      }
      return outcome;
    } catch {
      return this.#ending.signal.aborted ? { type: "dropped" } : { type: "again", afterMs: null };
    } finally {
      clearTimeout(timer);
    }
  }

  #note({ sessionId }: PushDevice, outcome: PushOutcome): void {
    this.#failing.delete(sessionId);
    if (outcome.type !== "again") return;
    this.#failing.add(sessionId);
    const [oldest] = this.#failing;
    if (this.#failing.size > FAILING_MAX_COUNT && oldest !== undefined) this.#failing.delete(oldest);
  }

  /** Plans another attempt, unless there were enough or it would come too late. */
  #isRepeated(job: Job, askedMs: number | null): boolean {
    const { retryAfterMs = RETRY_AFTER_MS, now } = this.#options;
    const ownMs = retryAfterMs[job.failedCount++];
    if (ownMs === undefined || job.isReplaced || this.#ending.signal.aborted) return false;
    const waitMs = Math.max(askedMs ?? 0, ownMs * (1 + Math.random() / 2));
    if (now() + waitMs > job.until) return false;
    job.timer = setTimeout(() => {
      job.timer = undefined;
      this.counts.retried++;
      void this.#run(job);
    }, waitMs);
    return true;
  }

  #end(job: Job, isFinal = true): void {
    clearTimeout(job.timer);
    if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key);
    const { userId } = job.device;
    const count = (this.#countByPerson.get(userId) ?? 0) - 1;
    if (count > 0) this.#countByPerson.set(userId, count);
    else this.#countByPerson.delete(userId);
    job.settled.resolve(isFinal);
  }
}

/** A person's pushes leave a few at a time, in order for each device. */
function laneOf({ userId, sessionId }: PushDevice): string {
  return `${userId} ${sessionId.charCodeAt(0) % LANES_PER_PERSON_COUNT}`;
}

function sharesOf(runningCount: number) {
  const refusal = () => new Error("Too many pushes wait");
  return { runningCount, waitingCount: JOBS_MAX_COUNT, refusal };
}
