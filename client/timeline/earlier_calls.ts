import type { RoomEvent } from "../../shared/event.ts";
import { formatPosition, parsePosition } from "../../shared/position.ts";
import type { SystemEvent } from "./grouping.ts";
import type { MessagePage } from "./page_reader.ts";

/** Calls are looked for among so much of what happened last. */
const EVENTS_MAX_COUNT = 100;

/**
 * Pages have messages only. Returns the position from which to read everything else that happened since the first of
 * them, since people want to know that they missed a call; null if nothing else did.
 */
export function whereCallsMayBe({ messages, hasOlder, hasNewer, position }: MessagePage): string | null {
  const head = parsePosition(position);
  if (head === null || hasNewer) return null;
  const first = hasOlder ? messages[0]?.offset ?? 0 : 0;
  const offset = Math.max(first, head.offset - EVENTS_MAX_COUNT);
  const messageCount = messages.filter((message) => message.offset > offset).length;
  return head.offset - offset > messageCount ? formatPosition({ epoch: head.epoch, offset }) : null;
}

/** Whether an event is shown to people who were not there when it happened. */
export function isAboutCall(event: RoomEvent): event is SystemEvent {
  return event.type === "call_started" || event.type === "call_ended" || event.type === "file_handed";
}
