import type { CallUpdate, Ring, RingEndReason } from "../../shared/call/call_types.ts";
import type { ConnectionAddress, TabAddress } from "../../shared/signal.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { CallChange } from "./call_board.ts";
import { toCall } from "./call_record.ts";
import type { CallDevice, CallRecord, CallRow, EndedRing, RingRow } from "./call_record.ts";

/** To whom an update goes: the members of the room, one person on all devices, one device, or one tab. */
export type NewsAddress =
  | { readonly to: "room" }
  | { readonly to: "person"; readonly userId: UserId }
  | { readonly to: "device"; readonly address: ConnectionAddress }
  | { readonly to: "tab"; readonly address: TabAddress };

/** An update, which may differ by listener. */
export interface News {
  readonly address: NewsAddress;
  readonly update: (listener: TabAddress) => CallUpdate;
}

/** Returns how long a ring still rings. */
export type RemainingOf = (call: CallRecord, ring: RingRow) => number;

/** Returns a ring as the person who is rung sees it. */
export function toRing(roomId: RoomId, call: CallRecord, row: RingRow, remainingOf: RemainingOf): Ring {
  const { by, video, until } = row;
  return { callId: call.callId, roomId, by, video, until, remainingMs: remainingOf(call, row) };
}

/** Returns what a change of a room's call means for its members and participants, in order. */
export function newsOf({ roomId, before, after }: CallChange, remainingOf: RemainingOf): News[] {
  const [old, now] = [before.call, after.call];
  if (old === null || now === null || old.callId !== now.callId) {
    return [
      ...old === null ? [] : newsOfEnd(roomId, old, after),
      ...now === null ? [] : newsOfStart(roomId, now, after.revision, remainingOf),
    ];
  }
  const news = [...newsOfRemovals(roomId, old, now), ...newsOfTabs(old, now)];
  const call = toCall(roomId, now, after.revision);
  const isSeen = JSON.stringify({ ...call, revision: 0 }) !== JSON.stringify(toCall(roomId, old, 0));
  if (isSeen) news.push(toRoom({ type: "call_changed", call }));
  return [...news, ...newsOfRings(roomId, old, now, remainingOf)];
}

function newsOfStart(roomId: RoomId, call: CallRecord, revision: number, remainingOf: RemainingOf): News[] {
  return [
    toRoom({ type: "call_changed", call: toCall(roomId, call, revision) }),
    ...call.rings.flatMap((ring) => newsOfNewRing(roomId, call, ring, remainingOf)),
  ];
}

function newsOfEnd(roomId: RoomId, call: CallRecord, { last }: CallRow): News[] {
  const { callId } = call;
  // If it is not the last one, further calls have ended since.
  const end = last?.callId === callId ? last : { endedRings: [], removed: [], missed: false };
  return [
    ...newsOfRemovals(roomId, call, { participants: [], removed: end.removed }),
    ...call.rings.flatMap((ring) => newsOfEndedRing(call, ring, endOf(ring, end.endedRings))),
    toRoom({ type: "call_ended", callId, roomId, missed: end.missed }),
  ];
}

/** Tells devices that they were removed, and why; whoever left by themselves knows. */
function newsOfRemovals(
  roomId: RoomId,
  { callId, participants }: CallRecord,
  now: Pick<CallRecord, "participants" | "removed">,
): News[] {
  return participants.flatMap((participant): News[] => {
    const { participantId, userId, key } = participant;
    if (now.participants.some((each) => each.participantId === participantId)) return [];
    const reason = now.removed.findLast((each) => each.participantId === participantId)?.reason;
    if (reason === undefined) return [];
    const update = { type: "call_ended", callId, roomId, missed: false, reason } as const;
    return [{ address: { to: "device", address: { userId, key } }, update: () => update }];
  });
}

/** Tells tabs that the call continues in another one, and participants that it continues on other paths. */
function newsOfTabs(old: CallRecord, now: CallRecord): News[] {
  const { callId, topology } = now;
  const news: News[] = [];
  for (const { userId, key, tabId, seq } of old.participants) {
    const next = now.participants.find((each) => each.key === key);
    if (next === undefined || next.tabId === tabId) continue;
    const update = () => ({ type: "moved", callId, seq }) as const;
    news.push({ address: { to: "tab", address: { userId, key, tabId } }, update });
  }
  if (topology === old.topology) return news;
  for (const { userId, key, tabId } of now.participants) {
    const update = () => ({ type: "handoff", callId, topology }) as const;
    news.push({ address: { to: "tab", address: { userId, key, tabId } }, update });
  }
  return news;
}

function newsOfRings(roomId: RoomId, old: CallRecord, now: CallRecord, remainingOf: RemainingOf): News[] {
  const ended = old.rings.filter(({ number }) => !now.rings.some((ring) => ring.number === number));
  const changed = now.rings.flatMap((ring) => {
    const before = old.rings.find(({ number }) => number === ring.number);
    if (before === undefined) return newsOfNewRing(roomId, now, ring, remainingOf);
    return before.state === ring.state ? [] : [newsOfState(now, ring)];
  });
  return [...ended.flatMap((ring) => newsOfEndedRing(now, ring, endOf(ring, now.endedRings))), ...changed];
}

function newsOfNewRing(roomId: RoomId, call: CallRecord, row: RingRow, remainingOf: RemainingOf): News[] {
  const ring = toRing(roomId, call, row, remainingOf);
  return [
    { address: { to: "person", userId: row.userId }, update: () => ({ type: "ring", ring }) },
    newsOfState(call, row),
  ];
}

function newsOfState({ callId }: CallRecord, { by, userId, state }: RingRow): News {
  const update = { type: "ring_state", callId, userId, state } as const;
  return { address: { to: "person", userId: by }, update: () => update };
}

function newsOfEndedRing(call: CallRecord, ring: RingRow, ended: EndedRing): News[] {
  const { callId } = call;
  const { userId, by } = ring;
  const update = (reason: ReturnType<typeof reasonFor>) =>
    ({ type: "ring_ended", callId, userId, reason }) as const;
  return [
    { address: { to: "person", userId }, update: (listener) => update(reasonFor(ended, listener)) },
    ...ended.reason === "busy" ? [newsOfState(call, { ...ring, state: "in_another_call" })] : [],
    {
      address: { to: "person", userId: by },
      update: () => update(ended.reason === "busy" ? "declined" : ended.reason),
    },
  ];
}

/** If an instance missed too many changes, all that matters is that it rings no more. */
function endOf({ number }: RingRow, ended: readonly EndedRing[]): EndedRing {
  return ended.find((each) => each.number === number) ?? { number, reason: "cancelled", device: null };
}

function toRoom(update: CallUpdate): News {
  return { address: { to: "room" }, update: () => update };
}

/** Returns why a ring ended, as one of the devices of the person who was rung hears it. */
function reasonFor(ended: EndedRing, listener: Pick<CallDevice, "key" | "tabId">): RingEndReason {
  const { device } = ended;
  const reason = ended.reason === "busy" ? "declined" : ended.reason;
  if (device === null || (device.key === listener.key && device.tabId === listener.tabId)) return reason;
  if (reason === "accepted") return "answered_elsewhere";
  return reason === "declined" ? "declined_elsewhere" : reason;
}
