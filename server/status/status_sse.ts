import type { Writable } from "node:stream";
import { STATUS_STREAM_RATE_ADDRESS } from "../../shared/limits.ts";
import { parsePosition } from "../../shared/position.ts";
import type { Position } from "../../shared/position.ts";
import type { RateLimiter } from "../net/rate_limit.ts";
import { encodeSse } from "../net/sse.ts";
import type { SseEvent } from "../net/sse.ts";
import type { Item } from "../streams/frames.ts";
import type { Hub } from "../streams/hub.ts";
import { GapError } from "../streams/sink.ts";
import { SseFormat, SseSink } from "../streams/sse_sink.ts";
import { SERVER } from "./status_change_store.ts";
import type { PublicFeed } from "./public_feed.ts";
import { statusTopic } from "./status_stream.ts";

/** Visitors at a time: of one address (an IPv6 /64), and of all. */
export const VISITORS_PER_ADDRESS_COUNT = 50;
export const VISITORS_MAX_COUNT = 2_000;
/** When readers that got no stream try again; half as much more at random, so that they do not come together. */
const RETRY_FULL_MS = 20_000;
/** When others come back after their stream broke. */
const RETRY_MS = 2_000;

/** One page or program that reads the stream. */
interface Visitor {
  readonly subject: string;
  end(retryMs: number): void;
}

export interface StatusSseOptions {
  readonly hub: Hub;
  readonly publicFeed: PublicFeed;
  readonly limits: RateLimiter;
  readonly isDraining: () => boolean;
}

/** The part of a response that the stream uses. */
export interface EventResponse extends Writable {
  writeHead(status: number, headers: Record<string, string>): unknown;
  flushHeaders(): void;
}

/** One request for the stream. */
export interface StatusSseVisit {
  readonly response: EventResponse;
  /** Who counts as one visitor to the limits. */
  readonly subject: string;
  readonly headers: Record<string, string>;
  /** The header of a reconnect; it comes before `since`. */
  readonly lastEventId: string | null;
  readonly since: string | null;
}

/**
 * The public stream as plain server-sent events. It answers 200 only, since an EventSource never comes back after
 * anything else: those for whom there is no room get one snapshot, the time to come again, and the end; those who
 * dial too often get no snapshot.
 */
export class StatusSse {
  /** Encodings shared by all visitors. */
  readonly format = new SseFormat(toEvent);
  readonly #options: StatusSseOptions;
  readonly #visitors = new Set<Visitor>();
  readonly #countBySubject = new Map<string, number>();

  constructor(options: StatusSseOptions) {
    this.#options = options;
  }

  /** Number of visitors that read now. */
  get visitorCount(): number {
    return this.#visitors.size;
  }

  /** Answers a request; resolves when the visitor is gone. */
  async answer(visit: StatusSseVisit): Promise<void> {
    const { response, subject, headers } = visit;
    response.writeHead(200, headers);
    response.flushHeaders();
    // Whoever dials so often has got the state before, and one on a bad day is large.
    if (!this.#mayDial(subject)) return this.#sayGoodbye(response, RETRY_FULL_MS);
    if (this.#options.isDraining() || !this.#hasRoom(subject)) return this.#turnAway(response);
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const visitor = { subject, end: (retryMs: number) => this.#sayGoodbye(response, retryMs) };
    this.#add(visitor);
    try {
      response.write(encodeSse({ retryMs: RETRY_MS }));
      await this.#follow(visit, gone.signal);
    } finally {
      this.#remove(visitor);
    }
  }

  /** Ends all streams within `spreadMs`, each with the time to come again: sooner if another part answers already. */
  async drain(spreadMs: number, { isReplaced = false } = {}): Promise<void> {
    const ends = [...this.#visitors].map(async (visitor) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * spreadMs));
      visitor.end(isReplaced ? RETRY_MS : RETRY_FULL_MS);
    });
    await Promise.all(ends);
  }

  async #follow({ response, lastEventId, since }: StatusSseVisit, signal: AbortSignal): Promise<void> {
    const { hub, publicFeed } = this.#options;
    const sink = new SseSink(response, this.format, hub.stats);
    const subscription = hub.open({ topic: statusTopic(), userId: SERVER, connection: null, signal });
    let after = positionOf(lastEventId ?? since);
    try {
      for (;;) {
        const missed = publicFeed.since(after) ?? [publicFeed.snapshot()];
        const { here } = publicFeed;
        if (missed.length === 0) {
          try {
            // At the same moment as the look at what was missed: nothing comes in between.
            return await subscription.pipe(sink, here.offset);
          } catch (error) {
            if (!(error instanceof GapError)) throw error;
            // More came than the hub keeps: what follows is in memory, or a snapshot says it.
            after = null;
            continue;
          }
        }
        for (const item of missed) {
          // Not by the sink, which cuts off slow readers: whoever comes back has much to take.
          response.write(this.format.encode(item));
          await sink.drained();
          if (signal.aborted) return;
        }
        after = here;
      }
    } finally {
      subscription.release();
    }
  }

  #turnAway(response: Writable): void {
    response.write(this.format.encode(this.#options.publicFeed.snapshot()));
    this.#sayGoodbye(response, RETRY_FULL_MS);
  }

  /** Whoever has read so far goes on from there, at another moment than everybody else. */
  #sayGoodbye(response: Writable, retryMs: number): void {
    if (response.writableEnded || response.destroyed) return;
    response.end(encodeSse({ retryMs: Math.round(retryMs * (1 + Math.random() / 2)) }));
  }

  #hasRoom(subject: string): boolean {
    return this.#visitors.size < VISITORS_MAX_COUNT &&
      (this.#countBySubject.get(subject) ?? 0) < VISITORS_PER_ADDRESS_COUNT;
  }

  /** Each dial costs as much as the state is large, so an address gets only so many. */
  #mayDial(subject: string): boolean {
    return this.#options.limits.tryTake("status stream", subject, STATUS_STREAM_RATE_ADDRESS) === 0;
  }

  #add(visitor: Visitor): void {
    this.#visitors.add(visitor);
    this.#countBySubject.set(visitor.subject, (this.#countBySubject.get(visitor.subject) ?? 0) + 1);
  }

  #remove(visitor: Visitor): void {
    this.#visitors.delete(visitor);
    const count = (this.#countBySubject.get(visitor.subject) ?? 1) - 1;
    if (count === 0) this.#countBySubject.delete(visitor.subject);
    else this.#countBySubject.set(visitor.subject, count);
  }
}

function positionOf(text: string | null): Position | null {
  return text === null ? null : parsePosition(text);
}

/** The name is the event's type; `data` is what it is about, on one line. */
function toEvent({ value, position }: Item): SseEvent {
  const event = value as { type: string; [field: string]: unknown };
  const { type } = event;
  const data = JSON.stringify(event[type === "snapshot" ? "status" : type]);
  return { event: type, data, ...(position === undefined ? {} : { id: position }) };
}
