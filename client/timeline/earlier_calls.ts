import type { RoomEvent } from "../../shared/event.ts";
import { formatPosition, parsePosition } from "../../shared/position.ts";
import type { SystemEvent } from "./grouping.ts";
import type { MessagePage } from "./page_reader.ts";

/** Calls are looked for among so many of the last messages, and of everything that happened. */
const MESSAGES_MAX_COUNT = 10;
const EVENTS_MAX_COUNT = 100;

/**
 * Pages have messages only. Returns the position from which to read everything else that was in the last part of a
 * page, since people want to know that they missed a call; null if nothing else happened there.
 */
export function whereCallsMayBe({ messages, hasNewer, position }: MessagePage): string | null {
  const head = parsePosition(position);
  if (head === null || hasNewer) return null;
  const last = messages.slice(-MESSAGES_MAX_COUNT);
  const first = last.length < MESSAGES_MAX_COUNT ? 0 : last[0]?.offset ?? 0;
  const offset = Math.max(first, head.offset - EVENTS_MAX_COUNT, 0);
  const messageCount = last.filter((message) => message.offset > offset).length;
  return head.offset - offset > messageCount ? formatPosition({ epoch: head.epoch, offset }) : null;
}

/** Whether an event is shown to people who were not there when it happened. */
export function isAboutCall(event: RoomEvent): event is SystemEvent {
  return event.type === "call_started" || event.type === "call_ended" || event.type === "file_handed";
}
