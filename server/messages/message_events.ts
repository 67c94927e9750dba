import type { TrackedEnvelope } from "@trpc/server";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import { AppError } from "../../shared/errors.ts";
import type { RoomId } from "../../shared/ids.ts";
import { formatPosition, parsePosition } from "../../shared/position.ts";
import type { Position } from "../../shared/position.ts";
import type { Feed } from "../changes.ts";
import type { ActorRights } from "../auth/authorize.ts";
import { currentCaller } from "../kv/caller.ts";
import type { Connection } from "../net/connection.ts";
import type { RoomAccessStore } from "../rooms/room_access_store.ts";
import type { RoomReaders } from "../rooms/room_readers.ts";
import { roomTopic } from "../rooms/room_stream.ts";
import type { RoomEventLog } from "../rooms/room_stream.ts";
import { followStream, startOf } from "../streams/follow_stream.ts";
import { GapError } from "../streams/sink.ts";
import type { Subscription } from "../streams/subscription.ts";
import { EventHistory } from "./event_history.ts";
import type { MessageReaderStore } from "./message_reader_store.ts";

/** An item of a subscription to a room. */
export type EventEnvelope = TrackedEnvelope<RoomEvent | StreamControl>;

export interface MessageEventsOptions {
  readonly roomLog: RoomEventLog;
  readonly reader: MessageReaderStore;
  readonly readers: RoomReaders;
  readonly access: RoomAccessStore;
  readonly feed: Feed;
}

export interface SubscribeOptions {
  readonly actor: ActorRights;
  readonly roomId: RoomId;
  /** `epoch.offset` of the reader's last event; null or "" for none. */
  readonly lastEventId: string | null;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
}

export interface SinceOptions {
  readonly actor: ActorRights;
  readonly roomId: RoomId;
  readonly position: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Returns the actor as of after the wait; throws if the login has ended. */
  readonly resolve: () => Promise<ActorRights>;
}

/** Events since a position. With `resync` they are unknown: start over from `position`. */
export interface SinceAnswer {
  readonly events: RoomEvent[];
  readonly position: string;
  readonly resync: boolean;
}

/** Reads events of rooms: history, then live events, without a gap in between. */
export class MessageEvents {
  readonly #options: MessageEventsOptions;
  readonly #history: EventHistory;
  readonly #waits = new Set<AbortController>();

  constructor(options: MessageEventsOptions) {
    this.#options = options;
    this.#history = new EventHistory(options.roomLog, options.reader);
  }

  /** Answers all waiting long polls, as if their time were up. */
  endWaits(): void {
    for (const wait of this.#waits) wait.abort();
  }

  /**
   * Yields a room's events after a position, then live ones.
   *
   * Guarantees: offsets come in order, without gaps or duplicates; if that is impossible, it starts with one
   * `resync_required` at the head. It ends with an error when the reader loses the room, and yields nothing after the
   * offset of the removal.
   */
  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventEnvelope> {
    const { roomLog, readers } = this.#options;
    const { actor, roomId, lastEventId, connection, signal } = options;
    const after = lastEventId === null || lastEventId === "" ? null : requirePosition(lastEventId);
    const reader = readers.open<EventEnvelope>({
      topic: roomTopic(roomId),
      actor,
      roomId,
      connection,
      signal,
    });
    try {
      await reader.authorize(actor);
      yield* followStream({
        log: roomLog,
        id: roomId,
        after,
        subscription: reader.subscription,
        connection,
        signal,
        read: async (offset) => {
          const part = await this.#history.chunk(roomId, offset);
          await this.#requireStill(actor, roomId, part.events);
          return part;
        },
        begin: (type, offset): StreamControl => ({ type, offset }),
      });
    } finally {
      reader.release();
    }
  }

  /** Returns the events since a position, waiting up to `waitMs` for the first one. */
  async since(options: SinceOptions): Promise<SinceAnswer> {
    const { roomLog, readers } = this.#options;
    const { roomId, waitMs, signal } = options;
    let { actor } = options;
    const asked = requirePosition(options.position);
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), waitMs);
    let endWait: (() => void) | undefined;
    this.#waits.add(timeout);
    const reader = readers.open<EventEnvelope>({
      topic: roomTopic(roomId),
      actor,
      roomId,
      // The answer is a single value, also on WebSocket.
      connection: null,
      signal: AbortSignal.any([signal, timeout.signal]),
    });
    const { subscription } = reader;
    try {
      await reader.authorize(actor);
      const head = await roomLog.head(roomId);
      const start = startOf(asked, roomLog.epoch, head);
      const isWait = head.offset === start && waitMs > 0;
      if (start === null) return { events: [], position: this.positionAt(head.offset), resync: true };
      if (isWait) endWait = currentCaller()?.beginWait(() => timeout.abort());
      const through = isWait ? await nextOffset(subscription, start) : head.offset;
      if (isWait) {
        actor = await options.resolve();
        await reader.authorize(actor);
      }
      const events = await this.#history.answer(roomId, { after: start, through });
      await this.#requireStill(actor, roomId, events);
      subscription.throwIfRevoked();
      return { events, position: this.positionAt(events.at(-1)?.offset ?? start), resync: false };
    } finally {
      clearTimeout(timer);
      endWait?.();
      this.#waits.delete(timeout);
      reader.release();
    }
  }

  /** Returns the position of an offset in the current epoch. */
  positionAt(offset: number): string {
    return formatPosition({ epoch: this.#options.roomLog.epoch, offset });
  }

  /** The log may contain a removal by another instance, and later events, before the feed delivers it. */
  async #requireStill(actor: ActorRights, roomId: RoomId, events: readonly RoomEvent[]): Promise<void> {
    const { access, feed } = this.#options;
    if (feed.isShared && events.length > 0) await access.requireStored(actor, "room.read", roomId);
  }
}

function requirePosition(text: string): Position {
  const position = parsePosition(text);
  if (position === null) {
    throw new AppError(
      "invalid_position",
      "Position must be one from an event or page, like epoch.offset",
    );
  }
  return position;
}

/** Waits for an item and returns its offset, or `after` if the wait ends; throws if the room is lost. */
async function nextOffset(subscription: Subscription<EventEnvelope>, after: number): Promise<number> {
  try {
    const [first] = await subscription.next(after);
    return first?.offset ?? after;
  } catch (error) {
    if (!(error instanceof GapError)) throw error;
    return after;
  }
}
