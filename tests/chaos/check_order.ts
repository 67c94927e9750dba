import { entriesOf } from "./check_messages.ts";
import type { Completion, Delivery, Entry, Operation } from "./history.ts";
import type { Violation } from "./violation.ts";

/** A message with when it was asked for first and acknowledged first. */
interface Acknowledged {
  readonly invokedAt: number;
  readonly acknowledgedAt: number;
  readonly offset: number;
  readonly operation: Operation;
}

/** What was acknowledged before another was sent stands before it; what was sent in a row stands in that row. */
export function checkSendOrder(operations: readonly Operation[]): Violation[] {
  const sends = operations.filter(({ invocation }) => invocation.name === "send");
  const rooms = Map.groupBy(sends, ({ invocation }) => invocation.roomId);
  return [
    ...[...rooms.values()].flatMap((ofRoom) => checkRealTime(firstsOf(ofRoom))),
    ...checkBursts(sends),
  ];
}

function firstsOf(sends: readonly Operation[]): Acknowledged[] {
  const ofMessage = Map.groupBy(
    sends,
    ({ invocation: { person, clientMessageId } }) => `${person} ${clientMessageId}`,
  );
  return [...ofMessage.values()].flatMap((tries) => {
    const done = tries.filter(({ end }) => end?.type === "ok")
      .sort((one, other) => (one.end?.at ?? 0) - (other.end?.at ?? 0))[0];
    const first = tries[0];
    if (done === undefined || first === undefined) return [];
    const end = done.end as Completion;
    return [{
      invokedAt: first.invocation.at,
      acknowledgedAt: end.at,
      offset: end.offset ?? 0,
      operation: done,
    }];
  });
}

/** Goes through time once: the highest offset acknowledged so far is below that of everything begun later. */
function checkRealTime(messages: readonly Acknowledged[]): Violation[] {
  const violations: Violation[] = [];
  const begun = [...messages].sort((one, other) => one.invokedAt - other.invokedAt);
  const ended = [...messages].sort((one, other) => one.acknowledgedAt - other.acknowledgedAt);
  let index = 0;
  let highest: Acknowledged | null = null;
  for (const message of begun) {
    for (let next = ended[index]; next !== undefined && next.acknowledgedAt < message.invokedAt;) {
      if (highest === null || next.offset > highest.offset) highest = next;
      next = ended[++index];
    }
    if (highest !== null && highest.offset > message.offset) {
      violations.push({
        kind: "reordered",
        what: `Message ${message.offset} was sent after ${highest.offset} was acknowledged`,
        entries: [...entriesOf(highest.operation), ...entriesOf(message.operation)],
      });
    }
  }
  return violations;
}

/** Of a burst only those that were acknowledged at the first try say something: a retry may come later. */
function checkBursts(sends: readonly Operation[]): Violation[] {
  const bursts = Map.groupBy(
    sends.filter(({ invocation }) => invocation.burst !== undefined),
    ({ invocation: { client, roomId, burst } }) => `${client} ${roomId} ${burst}`,
  );
  return [...bursts.values()].flatMap((burst) => {
    const ids = new Set(burst.map(({ invocation }) => invocation.clientMessageId));
    const offsets = burst.map(({ end }) => end?.type === "ok" ? end.offset ?? 0 : 0);
    if (ids.size < burst.length || offsets.includes(0)) return [];
    if (offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0))) return [];
    return [{
      kind: "reordered",
      what: `Messages sent in a row got the offsets ${offsets.join(", ")}`,
      entries: burst.flatMap(entriesOf),
    }];
  });
}

/** Every subscription yields offset after offset, whatever connections it went over; only a resync may jump. */
export function checkDeliveryOrder(
  entries: readonly Entry[],
  operations: readonly Operation[],
): Violation[] {
  const violations: Violation[] = [];
  const sent = new Set(
    operations.flatMap(({ invocation: { name, roomId, person, clientMessageId } }) =>
      name === "send" ? [`${roomId} ${person} ${clientMessageId}`] : []
    ),
  );
  const last = new Map<string, Delivery>();
  for (const entry of entries) {
    if (entry.type !== "event") continue;
    const { client, roomId, offset, event } = entry;
    const stream = `${client} ${roomId}`;
    const before = last.get(stream);
    last.set(stream, entry);
    if (event === "message_sent" && !sent.has(`${roomId} ${entry.by} ${entry.clientMessageId}`)) {
      violations.push({
        kind: "unexpected",
        what: `${client} got a message that nobody sent`,
        entries: [entry],
      });
    }
    if (before === undefined) continue;
    // Who has a position never begins anew without being told.
    const isInOrder = event === "resync_required"
      ? offset >= before.offset
      : event !== "subscribed" && offset === before.offset + 1;
    if (isInOrder) continue;
    const kind = offset > before.offset ? "lost" : "reordered";
    violations.push({
      kind,
      what: `${client} got ${offset} after ${before.offset}`,
      entries: [before, entry],
    });
  }
  return violations;
}
