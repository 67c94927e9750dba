import type { Message } from "../../shared/message.ts";
import type { RoomEvent, RoomsChange, StreamControl } from "../../shared/event.ts";
import type { CallUpdate } from "../../shared/call/call_types.ts";
import type { RoomId, TabId } from "../../shared/ids.ts";
import { formatPosition, parsePosition } from "../../shared/position.ts";
import type { RoomSummary } from "../../shared/room.ts";
import { pause } from "./wait.ts";

/** The queries that polling uses. */
export interface PollQueries {
  since(
    input: { roomId: RoomId; position: string; waitMs: number },
    signal: AbortSignal,
  ): Promise<{ events: RoomEvent[]; position: string; resync: boolean }>;
  head(roomId: RoomId, signal: AbortSignal): Promise<{ messages: Message[]; position: string }>;
  rooms(signal: AbortSignal): Promise<RoomSummary[]>;
  calls(
    input: { tabId: TabId; cursor: string | null; waitMs: number },
    signal: AbortSignal,
  ): Promise<{ readonly updates: readonly CallUpdate[]; readonly cursor: string }>;
}

/** One item of `messages.onEvent`, created from a poll. */
export interface PolledEvent {
  readonly id: string;
  readonly data: RoomEvent | StreamControl;
}

/** How long a poll may wait on the server, and how long to wait before the next one. */
export interface PollPace {
  readonly waitMs: number;
  readonly pauseMs: number;
}

/** Yields the events of `messages.onEvent` by polling. */
export async function* pollEvents(
  queries: PollQueries,
  input: { readonly roomId: RoomId; readonly lastEventId?: string },
  poll: PollPace & { readonly signal: AbortSignal },
): AsyncGenerator<PolledEvent> {
  const { roomId } = input;
  let position = input.lastEventId ?? "";
  if (position === "") {
    position = (await queries.head(roomId, poll.signal)).position;
    yield { id: position, data: { type: "subscribed", offset: parsePosition(position)?.offset ?? 0 } };
  }
  while (!poll.signal.aborted) {
    const answer = await queries.since({ roomId, position, waitMs: poll.waitMs }, poll.signal);
    position = answer.position;
    const at = parsePosition(position);
    if (answer.resync) yield { id: position, data: { type: "resync_required", offset: at?.offset ?? 0 } };
    for (const event of answer.events) {
      yield { id: formatPosition({ epoch: at?.epoch ?? "", offset: event.offset }), data: event };
    }
    await pause(poll.pauseMs, poll.signal);
  }
}

/** Yields the changes of `rooms.onChange` by polling: all rooms each time, and their heads. */
export async function* pollRooms(
  queries: PollQueries,
  poll: { readonly pauseMs: number; readonly signal: AbortSignal },
): AsyncGenerator<RoomsChange> {
  while (!poll.signal.aborted) {
    const rooms = await queries.rooms(poll.signal);
    yield { type: "snapshot", rooms };
    yield { type: "heads", heads: Object.fromEntries(rooms.map((room) => [room.id, room.head])) };
    await pause(poll.pauseMs, poll.signal);
  }
}

/** Yields the signals of calls, as `rooms.onChange` does, by polling. */
export async function* pollCalls(
  queries: Pick<PollQueries, "calls">,
  tabId: TabId,
  poll: { readonly pace: () => PollPace; readonly signal: AbortSignal },
): AsyncGenerator<RoomsChange> {
  let cursor: string | null = null;
  while (!poll.signal.aborted) {
    const { waitMs, pauseMs } = poll.pace();
    const answer: Awaited<ReturnType<PollQueries["calls"]>> = await queries.calls(
      { tabId, cursor, waitMs },
      poll.signal,
    );
    cursor = answer.cursor;
    for (const update of answer.updates) yield { type: "signal", update };
    await pause(pauseMs, poll.signal);
  }
}

/** Yields what several sources yield, as it comes; fails when one of them fails. */
export async function* mergeItems<T>(
  sources: readonly AsyncGenerator<T>[],
  signal: AbortSignal,
): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>) => source.next().then((result) => ({ source, result }));
  const waiting = new Map(sources.map((source) => [source, next(source)]));
  // Of those that are not awaited any more once one has failed.
  for (const promise of waiting.values()) promise.catch(() => {});
  while (waiting.size > 0 && !signal.aborted) {
    const { source, result } = await Promise.race(waiting.values());
    if (result.done === true) {
      waiting.delete(source);
      continue;
    }
    const following = next(source);
    following.catch(() => {});
    waiting.set(source, following);
    yield result.value;
  }
}
