import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallBoard } from "../../../server/calls/call_board.ts";
import { newsOf } from "../../../server/calls/call_news.ts";
import {
  endRings,
  newCall,
  NO_CALL,
  rowAfter,
  toCall,
  withDevice,
  withMedia,
  withoutDevices,
  withRings,
} from "../../../server/calls/call_record.ts";
import type { CallDevice, CallRecord, CallRow } from "../../../server/calls/call_record.ts";
import type { CallUpdate } from "../../../shared/call/call_types.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId, RoomId, TabId, UserId } from "../../../shared/ids.ts";

const ROOM = "room-of-this-one" as RoomId;
const AT = "2030-01-31T12:00:00.000Z";
const PEOPLE = ["ana", "ben", "cleo"] as UserId[];
const MEDIA = { mic: true, cam: false };

function deviceOf(userId: UserId, tab = 1): CallDevice {
  const sessionId = `session of ${userId}` as CallDevice["sessionId"];
  const tabId = `tab ${tab} of ${userId}` as TabId;
  return { userId, accountId: userId, key: sessionId ?? "", sessionId, tokenId: null, tabId };
}

function started(by: UserId): CallRecord {
  const purpose = "talk";
  return newCall({ callId: newId<CallId>(), startedBy: by, startedAt: AT, purpose, isDirect: false });
}

/** One change of a room's call, as the store would make it. */
function changed(row: CallRow, [act, person, tab]: readonly [number, number, number]): CallRow {
  const userId = PEOPLE[person] as UserId;
  const device = deviceOf(userId, tab);
  const call = row.call ?? started(userId);
  const next = act < 2 || row.call === null
    ? withDevice(call, device, { media: MEDIA, participantId: newId<ParticipantId>(), hasSfu: false })
    : act === 2
    ? withoutDevices(call, ({ key }) => key === device.key, tab === 1 ? null : "kicked")
    : act === 3
    ? withRings(call, PEOPLE.map((each) => ({ userId: each, state: "calling" })), {
      by: userId,
      video: false,
      until: AT,
    })
    : act === 4
    ? endRings(call, (ring) => ring.userId === userId, "declined", device)
    : changedMedia(call, device.key, tab === 1);
  const entered = endRings(next, (ring) => ring.userId === userId && act < 2, "accepted", device);
  return entered === row.call ? row : rowAfter(row, entered);
}

function changedMedia(call: CallRecord, key: string, mic: boolean): CallRecord {
  const participant = call.participants.find((each) => each.key === key);
  if (participant === undefined) return call;
  const told = { mic, cam: false, screen: false, screenAudio: false, hand: mic };
  return withMedia(call, participant.participantId, told, { at: AT, hasSfu: false });
}

/** What a tab shows after the updates that it hears. */
class Shown {
  readonly #listener: CallDevice;
  call: unknown = null;
  isRinging = false;

  constructor(listener: CallDevice) {
    this.#listener = listener;
  }

  hear(before: CallRow, after: CallRow): void {
    for (const { address, update } of newsOf({ roomId: ROOM, before, after }, () => 1)) {
      const { userId, key, tabId } = this.#listener;
      const isHeard = address.to === "room" || (address.to === "person" && address.userId === userId) ||
        (address.to === "device" && address.address.key === key) ||
        (address.to === "tab" && address.address.key === key && address.address.tabId === tabId);
      if (isHeard) this.#apply(update(this.#listener));
    }
  }

  #apply(update: CallUpdate): void {
    if (update.type === "call_changed") this.call = { ...update.call, revision: 0 };
    else if (update.type === "call_ended" && update.reason === undefined) this.call = null;
    else if (update.type === "ring") this.isRinging = true;
    else if (update.type === "ring_ended" && update.userId === this.#listener.userId) this.isRinging = false;
  }
}

describe("news of calls", () => {
  it("NEWS1 lead every tab to the truth, whichever rows an instance missed or got twice", () => {
    const act = fc.tuple(fc.nat(5), fc.nat(2), fc.integer({ min: 1, max: 2 }));
    fc.assert(fc.property(
      fc.array(act, { minLength: 1, maxLength: 30 }),
      fc.infiniteStream(fc.constantFrom("heard", "heard", "missed", "late")),
      (acts, fates) => {
        const board = new CallBoard(() => 0);
        const listeners = PEOPLE.map((userId) => deviceOf(userId));
        const shown = listeners.map((listener) => new Shown(listener));
        board.subscribe(({ before, after }) => {
          for (const each of shown) each.hear(before, after);
        });
        let row = NO_CALL;
        const late: CallRow[] = [];
        for (const each of acts) {
          row = changed(row, each);
          const { value: fate } = fates.next();
          if (fate === "heard") board.apply(ROOM, row);
          if (fate === "late") late.push(row);
          else for (const old of late.splice(0)) board.apply(ROOM, old);
        }
        board.apply(ROOM, row);
        for (const old of late.toReversed()) board.apply(ROOM, old);
        const { call } = row;
        for (const [index, { userId }] of listeners.entries()) {
          expect(shown[index]?.call).toEqual(call === null ? null : toCall(ROOM, call, 0));
          const isRinging = call?.rings.some((ring) => ring.userId === userId) ?? false;
          expect(shown[index]?.isRinging).toBe(isRinging);
        }
      },
    ));
  });

  it("NEWS2 tell each tab of a person in its own words how a ring ended", () => {
    const [ana, ben] = PEOPLE as [UserId, UserId];
    const call = withDevice(started(ana), deviceOf(ana), {
      media: MEDIA,
      participantId: newId<ParticipantId>(),
      hasSfu: false,
    });
    const rung = withRings(call, [{ userId: ben, state: "calling" }], { by: ana, video: false, until: AT });
    const before = rowAfter(NO_CALL, rung);
    const after = rowAfter(before, endRings(rung, () => true, "declined", deviceOf(ben, 1)));
    const reasons = [deviceOf(ben, 1), deviceOf(ben, 2)].map((listener) => {
      const news = newsOf({ roomId: ROOM, before, after }, () => 1).find(({ address }) =>
        address.to === "person" && address.userId === ben
      );
      return news?.update(listener);
    });
    expect(reasons).toMatchObject([{ reason: "declined" }, { reason: "declined_elsewhere" }]);
  });
});
