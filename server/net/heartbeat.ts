import type { Log } from "../log.ts";
import type { ConnectionId } from "../../shared/ids.ts";

/** A connection as the heartbeat sees it. */
export interface Beating {
  readonly id: ConnectionId;
  /** When data was last received, on the monotonic clock. */
  readonly heardAt: number;
  /** Bytes waiting in this process, and bytes already sent. */
  readonly bufferedBytes: number;
  readonly flushedBytes: number;
  ping(): void;
  terminate(): void;
  onClose(callback: () => void): void;
}

export interface HeartbeatOptions {
  readonly intervalMs: number;
  readonly graceMs: number;
  readonly log: Log;
}

interface Beat {
  readonly connection: Beating;
  nextPingAt: number;
  /** When the last ping was sent, until anything is received; otherwise 0. */
  pingedAt: number;
  flushedBytes: number;
}

const SWEEPS_PER_INTERVAL = 40;
const SWEEP_MAX_MS = 500;
/** If storage does not answer now, it may do so soon. */
const RETRY_MS = 1_000;

/**
 * Checks whether a login is still valid, and returns for how many ms to trust it; 0 if it need not be checked
 * again.
 */
export type Recheck = () => Promise<number>;

interface Check {
  readonly recheck: Recheck;
  nextAt: number;
}

/**
 * Pings every connection, closes dead ones, and checks again the logins of everything that stays open. It uses one
 * timer and ignores changes to the system clock.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #beats = new Set<Beat>();
  readonly #checks = new Set<Check>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** Starts the timer. */
  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const sweepMs = Math.min(SWEEP_MAX_MS, Math.max(1, options.intervalMs / SWEEPS_PER_INTERVAL));
    this.#timer = setInterval(() => options.log.guard(() => this.#sweep()), sweepMs);
  }

  /** Pings a connection until it closes. */
  add(connection: Beating): void {
    const { intervalMs } = this.#options;
    const now = performance.now();
    const beat: Beat = {
      connection,
      nextPingAt: now + intervalMs,
      pingedAt: 0,
      flushedBytes: 0,
    };
    this.#beats.add(beat);
    connection.onClose(() => this.#beats.delete(beat));
  }

  /** Checks a login repeatedly until the returned function is called. */
  watch(recheck: Recheck): () => void {
    const check: Check = { recheck, nextAt: performance.now() };
    this.#checks.add(check);
    return () => this.#checks.delete(check);
  }

  /** Stops the timer. */
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
        log.debug("Closed a dead connection", { connection: connection.id });
        connection.terminate();
      } else if (beat.pingedAt === 0 && now >= beat.nextPingAt) {
        beat.pingedAt = now;
        beat.nextPingAt = now + intervalMs;
        beat.flushedBytes = connection.flushedBytes;
        connection.ping();
      }
    }
    for (const check of this.#checks) if (now >= check.nextAt) void this.#recheck(check);
  }

  async #recheck(check: Check): Promise<void> {
    check.nextAt = Infinity;
    try {
      const holdsForMs = await check.recheck();
      if (holdsForMs > 0) check.nextAt = performance.now() + holdsForMs;
    } catch (error) {
      this.#options.log.warn("Cannot check a session or token", { reason: String(error) });
      check.nextAt = performance.now() + RETRY_MS;
    }
  }

  /**
   * A pong or any message counts as alive. So does progress of a slow reader, because the ping waits behind other
   * data.
   */
  #look(beat: Beat): void {
    const { connection } = beat;
    const isTaking = connection.bufferedBytes > 0 && connection.flushedBytes > beat.flushedBytes;
    if (connection.heardAt >= beat.pingedAt || isTaking) beat.pingedAt = 0;
  }
}
