import { CALL_LEASE_MS, RING_MS } from "../../shared/call/call_limits.ts";
import type { ParticipantId, RoomId } from "../../shared/ids.ts";
import { defineSignal } from "../../shared/signal.ts";
import type { TabAddress } from "../../shared/signal.ts";
import { Alarm } from "../alarm.ts";
import { runForAll } from "../kv/caller.ts";
import type { Log } from "../log.ts";
import type { Signals } from "../streams/signals.ts";
import type { CallBoard, CallChange } from "./call_board.ts";
import type { CallRecord, ParticipantRow, RingRow } from "./call_record.ts";
import type { CallStore } from "./call_store.ts";

/** Other instances act a little later than the one that knows best, so that they rarely conflict. */
const OTHERS_LATER_MS = 2_000;
/** After this time, a change that failed is tried again. */
const RETRY_MS = 2_000;

/** Ids of 16 characters in one row of storage, which takes about 3,600. */
const LEASES_PER_SIGNAL_COUNT = 1_000;

/** How long things last in calls; shorter in tests. */
export interface CallTimes {
  readonly ringMs: number;
  readonly leaseMs: number;
  readonly renewMs: number;
}

/** The times that everybody uses. */
export const CALL_TIMES: CallTimes = { ringMs: RING_MS, leaseMs: CALL_LEASE_MS, renewMs: 10_000 };

/** Sent between instances: participants whose tabs listen on the sender. */
const CALL_LEASES = defineSignal<{ readonly participantIds: readonly ParticipantId[] }>({
  kind: "call_leases",
  audience: "instances",
});

export interface CallKeeperOptions {
  readonly board: CallBoard;
  readonly store: CallStore;
  readonly signals: Signals;
  /** Whether a tab listens on this instance. */
  readonly isHere: (address: TabAddress) => boolean;
  /** False if this instance no longer receives the feed. */
  readonly isCurrent: () => boolean;
  readonly log: Log;
  readonly times: CallTimes;
  /** Monotonic time in milliseconds; clocks of instances may differ by hours. */
  readonly elapsed: () => number;
}

interface Deadline<Row> {
  readonly roomId: RoomId;
  readonly row: Row;
  until: number;
}

/**
 * Ends rings that nobody answers, and removes participants without a stream. Each instance counts from when it hears
 * of them, and any of them acts, so calls end properly if an instance is killed. A start begins all times anew.
 */
export class CallKeeper {
  readonly #options: CallKeeperOptions;
  readonly #rings = new Map<string, Deadline<RingRow>>();
  readonly #leases = new Map<ParticipantId, Deadline<ParticipantRow>>();
  readonly #alarm: Alarm;
  readonly #stops: (() => void)[];
  #renewAt = Infinity;

  /** Subscribes to the board. */
  constructor(options: CallKeeperOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.elapsed, () => runForAll(() => this.#ring()));
    this.#stops = [
      options.board.subscribe((change) => this.#apply(change)),
      options.signals.on(CALL_LEASES, ({ participantIds }) => this.#renewed(participantIds)),
    ];
  }

  /** Returns how long a ring still rings, in whole milliseconds. */
  remainingMs(call: CallRecord, ring: RingRow): number {
    const deadline = this.#rings.get(ringId(call, ring));
    const leftMs = (deadline?.until ?? 0) - this.#options.elapsed();
    return Math.round(Math.min(this.#options.times.ringMs, Math.max(0, leftMs)));
  }

  /** Renews the lease of a tab that begins to listen. */
  opened({ key, tabId }: TabAddress): void {
    for (const { participant } of this.#options.board.participants()) {
      if (participant.key === key && participant.tabId === tabId) this.#renew([participant.participantId]);
    }
  }

  /** Stops the timer and unsubscribes. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#alarm.stop();
  }

  #apply({ roomId, before, after }: CallChange): void {
    const { times, elapsed, isHere } = this.#options;
    const now = elapsed();
    const [old, call] = [before.call, after.call];
    const isSameCall = old?.callId === call?.callId;
    for (const ring of old?.rings ?? []) {
      const isOver = !isSameCall || !call?.rings.some(({ number }) => number === ring.number);
      if (old !== null && isOver) this.#rings.delete(ringId(old, ring));
    }
    for (const { participantId } of old?.participants ?? []) {
      if (!call?.participants.some((each) => each.participantId === participantId)) {
        this.#leases.delete(participantId);
      }
    }
    if (call === null) return this.#arm();
    for (const row of call.rings) {
      const known = this.#rings.get(ringId(call, row));
      const isOurs = call.participants.some((each) => each.userId === row.by && isHere(each));
      const until = known?.until ?? now + times.ringMs + (isOurs ? 0 : OTHERS_LATER_MS);
      this.#rings.set(ringId(call, row), { roomId, row, until });
    }
    for (const row of call.participants) {
      const known = this.#leases.get(row.participantId);
      const isSame = known?.row.seq === row.seq;
      const until = isSame ? known.until : now + times.leaseMs;
      this.#leases.set(row.participantId, { roomId, row, until });
      if (!isSame && isHere(row)) this.#renew([row.participantId]);
    }
    this.#arm();
  }

  #renew(participantIds: readonly ParticipantId[]): void {
    for (let index = 0; index < participantIds.length; index += LEASES_PER_SIGNAL_COUNT) {
      const some = participantIds.slice(index, index + LEASES_PER_SIGNAL_COUNT);
      this.#options.signals.send(CALL_LEASES, null, { participantIds: some });
    }
  }

  #renewed(participantIds: readonly ParticipantId[]): void {
    const { elapsed, times, isHere } = this.#options;
    for (const participantId of participantIds) {
      const lease = this.#leases.get(participantId);
      if (lease === undefined) continue;
      lease.until = elapsed() + times.leaseMs + (isHere(lease.row) ? 0 : OTHERS_LATER_MS);
    }
    this.#arm();
  }

  #arm(): void {
    const { times, elapsed } = this.#options;
    if (this.#leases.size === 0) this.#renewAt = Infinity;
    else if (this.#renewAt === Infinity) this.#renewAt = elapsed() + times.renewMs;
    let at = this.#renewAt;
    for (const { until } of this.#rings.values()) at = Math.min(at, until);
    for (const { until } of this.#leases.values()) at = Math.min(at, until);
    this.#alarm.set(at);
  }

  #ring(): void {
    const { elapsed, times, isHere, isCurrent, store } = this.#options;
    const now = elapsed();
    if (now >= this.#renewAt) {
      this.#renewAt = now + times.renewMs;
      this.#renew([...this.#leases.values()].flatMap(({ row }) => isHere(row) ? [row.participantId] : []));
    }
    for (const deadline of this.#rings.values()) {
      if (deadline.until > now) continue;
      deadline.until = now + RETRY_MS;
      this.#try(store.endRing(deadline.roomId, deadline.row, "missed"));
    }
    for (const lease of this.#leases.values()) {
      if (lease.until > now) continue;
      // What this instance did not hear may have been renewed.
      const isKept = isHere(lease.row) || !isCurrent();
      lease.until = now + (isKept ? times.leaseMs : RETRY_MS);
      if (!isKept) this.#try(store.remove(lease.roomId, lease.row, "failed"));
    }
    this.#arm();
  }

  #try(change: Promise<void>): void {
    change.catch((error: unknown) => {
      this.#options.log.warn("Cannot change a call, trying again", { reason: String(error) });
    });
  }
}

function ringId({ callId }: CallRecord, { number }: RingRow): string {
  return `${callId} ${number}`;
}
