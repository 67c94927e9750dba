import type { RoomId } from "../../shared/ids.ts";
import type { CallBoard, CallChange } from "./call_board.ts";
import type { RemainingOf } from "./call_news.ts";
import type { CallRecord, EndedRing, RingRow } from "./call_record.ts";

/** A ring, and how long it still rings. */
export interface StartedRing extends Pick<RingRow, "number" | "userId" | "by" | "video"> {
  readonly callId: CallRecord["callId"];
  readonly roomId: RoomId;
  readonly remainingMs: number;
}

/** Told of rings on all instances. */
export interface RingListener {
  started(ring: StartedRing): void;
  ended(
    ring: Omit<StartedRing, "video" | "remainingMs">,
    ending: { readonly reason: EndedRing["reason"]; readonly key: string | null },
  ): void;
}

/** Tells a listener which rings a change of a call began and ended. */
export function tellRings(
  { roomId, before, after }: CallChange,
  remainingOf: RemainingOf,
  listener: RingListener,
): void {
  const [old, now] = [before.call, after.call];
  const isSame = old?.callId === now?.callId;
  if (old !== null) {
    // An instance that missed too many changes does not know how a ring ended.
    const ends = isSame ? now?.endedRings : after.last?.callId === old.callId ? after.last.endedRings : [];
    for (const ring of old.rings) {
      const { number, userId, by } = ring;
      if (isSame && now?.rings.some((each) => each.number === number)) continue;
      const end = ends?.find((each) => each.number === number);
      listener.ended({ callId: old.callId, roomId, number, userId, by }, {
        reason: end?.reason ?? "cancelled",
        key: end?.device?.key ?? null,
      });
    }
  }
  for (const ring of now?.rings ?? []) {
    const isNew = !isSame || !old?.rings.some(({ number }) => number === ring.number);
    if (now !== null && isNew) listener.started(startedRing(roomId, now, ring, remainingOf));
  }
}

/** Lists what rings now. */
export function ringsOf(board: CallBoard, remainingOf: RemainingOf): StartedRing[] {
  return [...board.calls()].flatMap(([roomId, call]) =>
    call.rings.map((ring) => startedRing(roomId, call, ring, remainingOf))
  );
}

function startedRing(
  roomId: RoomId,
  call: CallRecord,
  ring: RingRow,
  remainingOf: RemainingOf,
): StartedRing {
  const { number, userId, by, video } = ring;
  const { callId } = call;
  return { callId, roomId, number, userId, by, video, remainingMs: remainingOf(call, ring) };
}
