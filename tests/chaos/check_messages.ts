import type { Entry, Operation } from "./history.ts";
import type { FinalMessage, FinalRoom, FinalState } from "./final_state.ts";
import type { Violation } from "./violation.ts";

/** All tries to send one message. */
interface Sending {
  readonly roomId: string;
  readonly tries: Operation[];
}

/** What was acknowledged is there once and with its text; nothing else is there; rows and counts fit. */
export function checkMessages(operations: readonly Operation[], final: FinalState): Violation[] {
  const violations: Violation[] = [];
  const sendings = sendingsOf(operations);
  for (const room of final.rooms) {
    const stored = new Map<string, FinalMessage[]>();
    for (const message of room.messages) {
      const key = keyOf(room.roomId, message.by, message.clientMessageId);
      stored.set(key, [...stored.get(key) ?? [], message]);
    }
    for (const [key, messages] of stored) {
      const tries = sendings.get(key)?.tries ?? [];
      if (tries.length === 0) violations.push(violation("unexpected", `${key} was never sent`, tries));
      if (messages.length > 1) {
        const offsets = messages.map(({ offset }) => offset).join(", ");
        violations.push(violation("doubled", `${key} is stored at ${offsets}`, tries));
      }
    }
    for (const [key, { roomId, tries }] of sendings) {
      if (roomId === room.roomId) violations.push(...checkSending(key, tries, stored.get(key)?.[0] ?? null));
    }
    violations.push(...checkRows(room), ...checkShown(room));
  }
  return violations;
}

function sendingsOf(operations: readonly Operation[]): Map<string, Sending> {
  const sendings = new Map<string, Sending>();
  for (const operation of operations) {
    const { name, roomId, person, clientMessageId } = operation.invocation;
    if (name !== "send" || clientMessageId === undefined) continue;
    const key = keyOf(roomId, person, clientMessageId);
    const sending = sendings.get(key);
    if (sending === undefined) sendings.set(key, { roomId, tries: [operation] });
    else sending.tries.push(operation);
  }
  return sendings;
}

function checkSending(
  key: string,
  tries: readonly Operation[],
  message: FinalMessage | null,
): Violation[] {
  const offsets = new Set(tries.flatMap(({ end }) => end?.type === "ok" ? [end.offset] : []));
  if (offsets.size === 0) {
    const isRefused = tries.every(({ end }) => end?.type === "fail");
    return isRefused && message !== null ? [violation("unexpected", `${key} was refused`, tries)] : [];
  }
  if (offsets.size > 1) {
    return [violation("doubled", `${key} was acknowledged at ${[...offsets].join(", ")}`, tries)];
  }
  if (message === null) return [violation("lost", `${key} was acknowledged and is not there`, tries)];
  if (!offsets.has(message.offset)) {
    return [violation("lost", `${key} was acknowledged elsewhere than at ${message.offset}`, tries)];
  }
  return [];
}

/** Offsets and ordinals are 1, 2, 3 …, the head counts right, and every message has its one row against doubles. */
function checkRows(room: FinalRoom): Violation[] {
  const violations: Violation[] = [];
  const { roomId, head, eventOffsets, messages, dedupes } = room;
  const gap = eventOffsets.findIndex((offset, index) => offset !== index + 1);
  if (gap >= 0) violations.push(violation("lost", `${roomId} has no event ${gap + 1}`, []));
  if (eventOffsets.length !== head.offset) {
    violations.push(
      violation("miscounted", `${roomId} has ${eventOffsets.length} events, its head ${head.offset}`, []),
    );
  }
  if (messages.length !== head.messageCount || messages.some(({ ordinal }, index) => ordinal !== index + 1)) {
    violations.push(
      violation(
        "miscounted",
        `${roomId} has ${messages.length} messages and counts ${head.messageCount}`,
        [],
      ),
    );
  }
  const places = new Set(messages.map(placeOf));
  const kept = new Set(dedupes.map(placeOf));
  if (places.size !== kept.size || [...places].some((place) => !kept.has(place))) {
    violations.push(
      violation("miscounted", `${roomId} has ${kept.size} dedupe rows for ${places.size} messages`, []),
    );
  }
  return violations;
}

/** Both instances show exactly what is stored. */
function checkShown(room: FinalRoom): Violation[] {
  const wanted = room.messages.map(imageOf);
  return (["a", "b"] as const).flatMap((instance) => {
    const shown = room.shown[instance].map(imageOf);
    const at = wanted.findIndex((image, index) => image !== shown[index]);
    if (at < 0 && shown.length === wanted.length) return [];
    const what = `${instance} shows ${shown[at]} in ${room.roomId} where ${wanted[at]} is stored`;
    return [violation("diverged", what, [])];
  });
}

function imageOf({ offset, by, clientMessageId, text, isDeleted, reactions }: FinalMessage): string {
  return JSON.stringify([offset, by, clientMessageId, text, isDeleted, reactions]);
}

function placeOf(place: { readonly by: string; readonly clientMessageId: string; readonly offset: number }) {
  return `${place.by} ${place.clientMessageId} ${place.offset}`;
}

function keyOf(roomId: string, person: string, clientMessageId: string): string {
  return `${roomId} ${person} ${clientMessageId}`;
}

function violation(kind: Violation["kind"], what: string, operations: readonly Operation[]): Violation {
  return { kind, what, entries: operations.flatMap(entriesOf) };
}

/** The lines of an operation. */
export function entriesOf({ invocation, end }: Operation): Entry[] {
  return end === null ? [invocation] : [invocation, end];
}
