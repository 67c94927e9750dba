import type { Message } from "../../shared/message.ts";
import type { RoomEvent, RoomsChange, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
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
}

/** One item of `messages.onEvent`, created from a poll. */
export interface PolledEvent {
  readonly id: string;
  readonly data: RoomEvent | StreamControl;
}

/** Yields the events of `messages.onEvent` by polling. */
export async function* pollEvents(
  queries: PollQueries,
  input: { readonly roomId: RoomId; readonly lastEventId?: string },
  poll: { readonly waitMs: number; readonly pauseMs: number; readonly signal: AbortSignal },
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
