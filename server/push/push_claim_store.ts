import { newSecret } from "../../shared/ids.ts";
import type { CallId, RoomId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** After this time another instance takes over, unless the claim is renewed. */
export const CLAIM_MS = 30_000;
/** A ring lasts 45 s. */
const RING_CLAIM_MS = 5_000;
/** Claims that a start looks at; more are left to the other instances, or forgotten. */
const LEFT_MAX_COUNT = 10_000;
const LIST_BATCH_COUNT = 500;

/** The pushes of a message, at once or later. */
export interface MessageTask {
  readonly roomId: RoomId;
  readonly offset: number;
  readonly phase: "now" | "later";
}

/** The pushes of a ring, or of its end. */
export interface RingTask {
  readonly callId: CallId;
  /** Of the ring, in its call. */
  readonly number: number;
  readonly phase: "ring" | "end";
}

/** A piece of work that only one instance does. */
export type PushTask = MessageTask | RingTask;

/** A task as stored, until it is done and for an hour after it. */
export interface PushClaimRow<Data = unknown> {
  readonly by: string;
  /** When another instance may do it, in epoch milliseconds. */
  readonly until: number;
  readonly isDone: boolean;
  /** What the work needs. */
  readonly data: Data;
}

/** A task that is not done yet. */
export interface LeftTask<Task = PushTask, Data = unknown> {
  readonly task: Task;
  readonly data: Data;
  /** When it may be done, in epoch milliseconds. */
  readonly atMs: number;
}

export interface PushClaimOptions {
  readonly db: Database;
  /** Epoch time in milliseconds. */
  readonly now: () => number;
  /** False if this is the only instance: then claims of others are of those that ended. */
  readonly isShared: boolean;
  /** How long a claim lasts unless it is renewed; shorter in tests. */
  readonly claimMs?: number | undefined;
}

/** Does the work as long as the claim is held; returns false if it must be done later, or by another instance. */
export type ClaimedWork = (isHeld: () => boolean) => Promise<boolean>;

/** Decides which of several instances sends a push, and finds what was left when one was killed. */
export class PushClaimStore {
  readonly #options: PushClaimOptions;
  readonly #by = newSecret();

  constructor(options: PushClaimOptions) {
    this.#options = options;
  }

  /** Does the work, unless another instance does; then returns when to ask again, or null if it has been done. */
  async perform(task: PushTask, data: unknown, work: ClaimedWork): Promise<number | null> {
    const claim = await this.take(task, data);
    return typeof claim === "number" || claim === null ? claim : await claim.run(work);
  }

  /** Takes a claim; if another instance holds it, returns when to ask again, or null if its work has been done. */
  async take(task: PushTask, data: unknown): Promise<PushClaim | number | null> {
    const { db, now, isShared } = this.#options;
    const key = keyOf(task);
    const entry = await db.get<PushClaimRow>(key);
    const { value } = entry;
    if (value?.isDone) return null;
    if (value !== null && value.until > now() && (isShared || value.by === this.#by)) return value.until;
    const claimMs = this.#options.claimMs ?? ("roomId" in task ? CLAIM_MS : RING_CLAIM_MS);
    const row = { by: this.#by, until: now() + claimMs, isDone: false, data };
    const stamp = await db.commit({ checks: [entry], sets: [[key, row]] });
    if (stamp === null) return row.until;
    // A ring that goes on must not be pushed again by the next start.
    const isKept = isShared || task.phase === "ring";
    return new PushClaim(this.#options, { key, row, stamp, claimMs, isKept });
  }

  /** Notes a task that is due at a later moment, unless another instance has. */
  async plan(task: PushTask, atMs: number, data: unknown): Promise<void> {
    const key = keyOf(task);
    const row: PushClaimRow = { by: this.#by, until: atMs, isDone: false, data };
    await this.#options.db.commit({ checks: [{ key, versionstamp: null }], sets: [[key, row]] });
  }

  /** Returns what a claim was made with; null if there is none. */
  async find<Data>(task: PushTask): Promise<Data | null> {
    return (await this.#options.db.get<PushClaimRow<Data>>(keyOf(task))).value?.data ?? null;
  }

  /** Lists the tasks that are not done. */
  async left(): Promise<LeftTask[]> {
    const { db, now, isShared } = this.#options;
    const left: LeftTask[] = [];
    let start: Deno.KvKey | undefined;
    for (;;) {
      const batch = await db.list<PushClaimRow>(keys.pushClaims(), {
        limit: LIST_BATCH_COUNT,
        ...(start === undefined ? {} : { start }),
      });
      for (
        const { key, value: { isDone, by, until, data } } of start === undefined ? batch : batch.slice(1)
      ) {
        if (isDone || by === this.#by) continue;
        const task = taskOf(key);
        left.push({ task, data, atMs: isShared || task.phase === "later" ? until : now() });
      }
      const last = batch.at(-1);
      // The next batch starts with the last row of this one.
      if (last === undefined || batch.length < LIST_BATCH_COUNT || left.length >= LEFT_MAX_COUNT) return left;
      start = last.key;
    }
  }
}

function keyOf(task: PushTask): Deno.KvKey {
  return "roomId" in task
    ? keys.pushClaim(task.roomId, task.offset, task.phase)
    : keys.pushClaim(task.callId, task.number, task.phase);
}

function taskOf([, id, number, phase]: Deno.KvKey): PushTask {
  return phase === "now" || phase === "later"
    ? { roomId: id as RoomId, offset: number as number, phase }
    : { callId: id as CallId, number: number as number, phase: phase as RingTask["phase"] };
}

/** A claim of this instance. */
export class PushClaim {
  readonly #options: PushClaimOptions;
  readonly #key: Deno.KvKey;
  readonly #claimMs: number;
  readonly #isKept: boolean;
  #row: PushClaimRow;
  /** Null once another instance has taken over. */
  #stamp: string | null;

  /** Created by `PushClaimStore`. */
  constructor(options: PushClaimOptions, { key, row, stamp, claimMs, isKept }: {
    readonly key: Deno.KvKey;
    readonly row: PushClaimRow;
    readonly stamp: string;
    readonly claimMs: number;
    /** Whether the row stays when the work is done. */
    readonly isKept: boolean;
  }) {
    this.#options = options;
    this.#key = key;
    this.#row = row;
    this.#stamp = stamp;
    this.#claimMs = claimMs;
    this.#isKept = isKept;
  }

  /** Does the work and renews the claim meanwhile; returns when to ask again if it was given up, otherwise null. */
  async run(work: ClaimedWork): Promise<number | null> {
    const { now } = this.#options;
    let renewing = Promise.resolve();
    const timer = setInterval(() => {
      renewing = renewing.then(() => this.#write({ until: now() + this.#claimMs })).catch(() => {});
    }, this.#claimMs / 3);
    let isDone: boolean;
    try {
      isDone = await work(() => this.#stamp !== null);
    } finally {
      clearInterval(timer);
      await renewing;
    }
    if (!isDone) await this.#write({ until: now() });
    else if (this.#isKept) await this.#write({ isDone });
    else await this.#delete();
    return isDone ? null : now();
  }

  /** Changes the row, unless another instance has taken over. */
  async #write(change: Partial<PushClaimRow>): Promise<void> {
    const row = { ...this.#row, ...change };
    while (this.#stamp !== null) {
      const check = { key: this.#key, versionstamp: this.#stamp };
      const stamp = await this.#options.db.commit({ checks: [check], sets: [[this.#key, row]] });
      this.#stamp = stamp ?? await this.#ownStamp();
      if (stamp === null) continue;
      this.#row = row;
      return;
    }
  }

  /** A write that failed may have been stored, and then its own check fails next. */
  async #ownStamp(): Promise<string | null> {
    const { value, versionstamp } = await this.#options.db.get<PushClaimRow>(this.#key);
    return value?.by === this.#row.by && !value.isDone ? versionstamp : null;
  }

  /** Nobody else would look for it. */
  async #delete(): Promise<void> {
    await this.#options.db.commit({ deletes: [this.#key] });
  }
}
