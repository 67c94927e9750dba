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

/** Events that follow each other. */
export interface HistoryPart<Event> {
  readonly events: readonly Event[];
  /** True when nothing more was there. */
  readonly isEnd: boolean;
}

/** Why a reader does not simply go on: it is new, or what it missed cannot be told. */
export type Beginning = "subscribed" | "resync_required";

/** Who follows which stream, from where. */
export interface FollowOptions<T extends StreamTypes, First> {
  readonly log: EventLog<T>;
  readonly id: T["id"];
  /** Position of the last event that the reader has; null for none. */
  readonly after: Position | null;
  /** Open to the stream's topic already, so that nothing is lost between history and live. */
  readonly subscription: Subscription<TrackedEnvelope<T["event"] | First>>;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
  /** Reads what comes after an offset; throws when the reader may not have it. */
  readonly read: (after: number) => Promise<HistoryPart<T["event"]>>;
  /** Makes what a reader is told first that does not simply go on: how things stand at `offset`. */
  readonly begin: (type: Beginning, offset: number) => First | Promise<First>;
}

/** Where to go on from, or null when that cannot be done without a hole. */
export function startOf(after: Position | null, epoch: string, head: StreamHead): number | null {
  if (after === null || after.epoch !== epoch) return null;
  const behind = head.offset - after.offset;
  return behind < 0 || behind > REPLAY_MAX_COUNT ? null : after.offset;
}

/**
 * Yields a stream's events after a position, then live ones.
 *
 * Guarantees: offsets come in order, none is missing and none comes twice; what cannot be continued begins anew, once,
 * at the head. It throws what the subscription is revoked with, and nothing that came after it was yielded.
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
      // While history was read more came than the hub keeps: the rest is history too.
      if (!(error instanceof GapError)) throw error;
      if (signal.aborted) return;
    }
  }
}

/** Yields history up to the head; gives the last offset. */
async function* replay<T extends StreamTypes, First>(
  { log, read, connection, signal, subscription }: FollowOptions<T, First>,
  after: number,
): AsyncGenerator<TrackedEnvelope<T["event"]>, number> {
  let offset = after;
  for (;;) {
    const { events, isEnd } = await read(offset);
    // What was read before a removal is known stands below it: the next event is committed only after it.
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
