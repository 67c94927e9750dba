import { LOGIN_RECHECK_MS } from "../../shared/limits.ts";
import type { Log } from "../log.ts";
import type { ConnectionId } from "../../shared/ids.ts";

/** A connection as the heartbeat sees it. */
export interface Beating {
  readonly id: ConnectionId;
  /** When something was last received, by the monotonic clock. */
  readonly heardAt: number;
  /** Bytes that wait in the process, and bytes that have left it. */
  readonly bufferedBytes: number;
  readonly flushedBytes: number;
  ping(): void;
  terminate(): void;
  onClose(callback: () => void): void;
}

/** How often and how long. */
export interface HeartbeatOptions {
  readonly intervalMs: number;
  readonly graceMs: number;
  readonly log: Log;
}

interface Beat {
  readonly connection: Beating;
  readonly recheck: () => void;
  nextPingAt: number;
  nextRecheckAt: number;
  /** When the last ping was sent, while nothing has come back; 0 otherwise. */
  pingedAt: number;
  flushedBytes: number;
}

const SWEEPS_PER_INTERVAL = 40;
const SWEEP_MAX_MS = 500;

/** Pings every connection and frees those that are dead, all by one timer, whatever is done to the wall clock. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #beats = new Set<Beat>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** Starts the timer. */
  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const sweepMs = Math.min(SWEEP_MAX_MS, Math.max(1, options.intervalMs / SWEEPS_PER_INTERVAL));
    this.#timer = setInterval(() => options.log.guard(() => this.#sweep()), sweepMs);
  }

  /** Watches a connection until it closes; `recheck` is asked now and then whether its login still holds. */
  add(connection: Beating, recheck: () => void): void {
    const { intervalMs } = this.#options;
    const now = performance.now();
    const beat: Beat = {
      connection,
      recheck,
      nextPingAt: now + intervalMs,
      nextRecheckAt: now + LOGIN_RECHECK_MS,
      pingedAt: 0,
      flushedBytes: 0,
    };
    this.#beats.add(beat);
    connection.onClose(() => this.#beats.delete(beat));
  }

  /** Ends the timer. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const { intervalMs, graceMs, log } = this.#options;
    const now = performance.now();
    for (const beat of this.#beats) {
      const { connection } = beat;
      if (beat.pingedAt > 0) this.#look(beat);
      if (beat.pingedAt > 0 && now - beat.pingedAt >= graceMs) {
        log.debug("A connection was dead", { connection: connection.id });
        connection.terminate();
      } else if (beat.pingedAt === 0 && now >= beat.nextPingAt) {
        beat.pingedAt = now;
        beat.nextPingAt = now + intervalMs;
        beat.flushedBytes = connection.flushedBytes;
        connection.ping();
      }
      if (now < beat.nextRecheckAt) continue;
      beat.nextRecheckAt = now + LOGIN_RECHECK_MS;
      beat.recheck();
    }
  }

  /** A pong or a message will do; so will a slow reader that takes some, since the ping waits behind the rest. */
  #look(beat: Beat): void {
    const { connection } = beat;
    const isTaking = connection.bufferedBytes > 0 && connection.flushedBytes > beat.flushedBytes;
    if (connection.heardAt >= beat.pingedAt || isTaking) beat.pingedAt = 0;
  }
}
