import { tracked } from "@trpc/server";
import type { TrackedEnvelope } from "@trpc/server";
import { EPHEMERAL_SKIP_BYTES, REPLAY_MAX_COUNT } from "../../shared/limits.ts";
import { formatPosition } from "../../shared/position.ts";
import type { Position } from "../../shared/position.ts";
import type { Connection } from "../net/connection.ts";
import type { EventLog, StreamHead } from "./event_log.ts";
import { GapError } from "./sink.ts";
import type { StreamTypes } from "./stream_kind.ts";
import type { Subscription } from "./subscription.ts";

/** Consecutive events. */
export interface HistoryPart<Event> {
  readonly events: readonly Event[];
  /** True if there were no more events. */
  readonly isEnd: boolean;
}

/** Why a reader starts at the head: it is new, or it is too far behind. */
export type Beginning = "subscribed" | "resync_required";

export interface FollowOptions<T extends StreamTypes, First> {
  readonly log: EventLog<T>;
  readonly id: T["id"];
  /** Position of the reader's last event, or null. */
  readonly after: Position | null;
  /** Already open to the stream's topic, so that nothing is lost between history and live. */
  readonly subscription: Subscription<TrackedEnvelope<T["event"] | First>>;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
  /** Reads events after an offset; throws if the reader may not have them. */
  readonly read: (after: number) => Promise<HistoryPart<T["event"]>>;
  /** Returns what a reader that starts at the head receives first, as of `offset`. */
  readonly begin: (type: Beginning, offset: number) => First | Promise<First>;
}

/** Returns the offset to continue from, or null if events would be missing. */
export function startOf(after: Position | null, epoch: string, head: StreamHead): number | null {
  if (after === null || after.epoch !== epoch) return null;
  const behind = head.offset - after.offset;
  return behind < 0 || behind > REPLAY_MAX_COUNT ? null : after.offset;
}

/**
 * Yields a stream's events after a position, then live events.
 *
 * Guarantees: offsets come in order, without gaps or duplicates; if that is impossible, it starts once at the head.
 * It throws the error of a revoked subscription and yields nothing after the event that revoked it.
 */
export async function* followStream<T extends StreamTypes, First>(
  options: FollowOptions<T, First>,
): AsyncGenerator<TrackedEnvelope<T["event"] | First>> {
  const { log, id, after, subscription, signal, begin } = options;
  const head = await log.head(id);
  let offset = startOf(after, log.epoch, head);
  if (offset === null) {
    offset = head.offset;
    const first = await begin(after === null ? "subscribed" : "resync_required", offset);
    subscription.throwIfRevoked();
    yield tracked(formatPosition({ epoch: log.epoch, offset }), first);
  }
  for (;;) {
    offset = yield* replay(options, offset);
    try {
      return yield* subscription.live(offset);
    } catch (error) {
      // More events came during the replay than the hub keeps: continue with history.
      if (!(error instanceof GapError)) throw error;
      if (signal.aborted) return;
    }
  }
}

/** Yields history up to the head; returns the last offset. */
async function* replay<T extends StreamTypes, First>(
  { log, read, connection, signal, subscription }: FollowOptions<T, First>,
  after: number,
): AsyncGenerator<TrackedEnvelope<T["event"]>, number> {
  let offset = after;
  for (;;) {
    const { events, isEnd } = await read(offset);
    // Events read before a removal is known precede it: the next one is committed after it.
    subscription.throwIfRevoked();
    for (const event of events) {
      if (connection !== null && connection.bufferedBytes > EPHEMERAL_SKIP_BYTES) await connection.drained();
      if (signal.aborted) return offset;
      subscription.throwIfRevoked();
      yield tracked(formatPosition({ epoch: log.epoch, offset: event.offset }), event);
      offset = event.offset;
    }
    if (isEnd) return offset;
  }
}
