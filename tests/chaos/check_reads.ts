import { entriesOf } from "./check_messages.ts";
import type { FinalState } from "./final_state.ts";
import type { Completion, Operation } from "./history.ts";
import type { Violation } from "./violation.ts";

/** Offsets in the order of their acknowledgements, with the highest so far. */
interface Acknowledgements {
  readonly at: number[];
  readonly highest: number[];
  readonly operations: Operation[];
  readonly byOffset: Map<number, number>;
}

/** A read that begins after an acknowledgement, on any instance, shows what was acknowledged. */
export function checkReads(operations: readonly Operation[]): Violation[] {
  const acknowledged = acknowledgementsOf(operations);
  return operations.flatMap((operation): Violation[] => {
    const { invocation, end } = operation;
    if ((invocation.name !== "list" && invocation.name !== "since") || end?.type !== "ok") return [];
    const ofRoom = acknowledged.get(invocation.roomId);
    if (ofRoom === undefined) return [];
    return invocation.name === "list"
      ? checkList(operation, end, ofRoom)
      : checkSince(operation, end, ofRoom);
  });
}

function acknowledgementsOf(operations: readonly Operation[]): Map<string, Acknowledgements> {
  const rooms = new Map<string, Acknowledgements>();
  const done = operations.filter(({ invocation, end }) => invocation.name === "send" && end?.type === "ok")
    .sort((one, other) => (one.end?.at ?? 0) - (other.end?.at ?? 0));
  for (const operation of done) {
    const { at, offset = 0 } = operation.end as Completion;
    let room = rooms.get(operation.invocation.roomId);
    if (room === undefined) {
      room = { at: [], highest: [], operations: [], byOffset: new Map() };
      rooms.set(operation.invocation.roomId, room);
    }
    const isHighest = offset > (room.highest.at(-1) ?? 0);
    room.at.push(at);
    room.highest.push(isHighest ? offset : room.highest.at(-1) ?? 0);
    room.operations.push(isHighest ? operation : room.operations.at(-1) ?? operation);
    if (!room.byOffset.has(offset)) room.byOffset.set(offset, at);
  }
  return rooms;
}

/** How many acknowledgements had come before a moment. */
function countBefore(times: readonly number[], moment: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkList(operation: Operation, end: Completion, room: Acknowledgements): Violation[] {
  const { invocation } = operation;
  const { head = 0, offsets = [] } = end;
  const count = countBefore(room.at, invocation.at);
  const highest = room.highest[count - 1] ?? 0;
  if (head < highest) return [stale(operation, highest, room.operations[count - 1])];
  const shown = new Set(offsets);
  for (let offset = offsets[0] ?? head + 1; offset <= head; offset++) {
    const at = room.byOffset.get(offset);
    if (at !== undefined && at < invocation.at && !shown.has(offset)) return [stale(operation, offset)];
  }
  return [];
}

function checkSince(operation: Operation, end: Completion, room: Acknowledgements): Violation[] {
  const { invocation } = operation;
  const { head = 0, offsets = [], resync = false } = end;
  const from = invocation.offset ?? 0;
  if (!resync && offsets.some((offset, index) => offset !== from + index + 1)) {
    const what = `since ${from} gave ${offsets.join(", ")}`;
    return [{ kind: "reordered", what, entries: entriesOf(operation) }];
  }
  const count = countBefore(room.at, invocation.at);
  const highest = room.highest[count - 1] ?? 0;
  return head < highest ? [stale(operation, highest, room.operations[count - 1])] : [];
}

function stale(operation: Operation, offset: number, acknowledged?: Operation): Violation {
  const { name, instance } = operation.invocation;
  return {
    kind: "stale",
    what: `${name} on ${instance} began after ${offset} was acknowledged and does not show it`,
    entries: [...acknowledged === undefined ? [] : entriesOf(acknowledged), ...entriesOf(operation)],
  };
}

/** What is unread is what stands after the mark; a mark that was acknowledged holds, on both instances. */
export function checkReadStates(operations: readonly Operation[], final: FinalState): Violation[] {
  const marks = new Map<string, Operation>();
  for (const operation of operations) {
    const { name, person, roomId, offset = 0 } = operation.invocation;
    const key = `${person} ${roomId}`;
    if (name !== "mark" || operation.end?.type !== "ok") continue;
    if (offset > (marks.get(key)?.invocation.offset ?? 0)) marks.set(key, operation);
  }
  const rooms = new Map(final.rooms.map((room) => [room.roomId, room]));
  return final.readStates.flatMap((state) => {
    const { person, roomId, instance, head, readOffset, unread } = state;
    const room = rooms.get(roomId);
    if (room === undefined) return [];
    const mark = marks.get(`${person} ${roomId}`);
    const marked = room.messages.findLast(({ offset }) => offset <= (mark?.invocation.offset ?? 0))?.offset ??
      0;
    const recount = room.messages.filter(({ offset }) => offset > readOffset).length;
    const violations: Violation[] = [];
    if (head !== room.head.offset || unread !== recount) {
      const what =
        `${instance} says ${unread} unread of ${head} in ${roomId} to ${person}, ${recount} of ${room.head.offset} are`;
      violations.push({ kind: "miscounted", what, entries: [] });
    }
    if (mark !== undefined && readOffset < marked) {
      const what = `${instance} has ${person} at ${readOffset} in ${roomId}, who marked ${marked}`;
      violations.push({ kind: "lost", what, entries: entriesOf(mark) });
    }
    return violations;
  });
}
