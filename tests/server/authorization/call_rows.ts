import { newId } from "../../../shared/ids.ts";
import type { CallId, ParticipantId } from "../../../shared/ids.ts";
import { storeCall } from "../../support/call_kit.ts";
import { ALL, answers, inRooms, MODERATE, one, READ, TAKE_PART } from "./answers.ts";
import type { RoomInput, RoomRights, Row } from "./answers.ts";

const media = { mic: true, cam: false };
const tabId = "tab-of-one-only1";

/** Of those who may know of the call, nobody is in it. */
const IN_CALL: RoomRights = {
  joined: answers("not_in_call"),
  moderated: answers("not_in_call"),
  direct: answers("not_in_call"),
  open: answers("not_in_call", { guest: "not_found" }),
};

/** Files go from person to person, and only if the other one is online; those who may not send are refused before. */
const FILES_ALONE: RoomRights = {
  ...TAKE_PART,
  joined: answers("invalid_input"),
  moderated: answers("invalid_input"),
  direct: answers("wrong_state"),
};
const FILES = {
  media: { mic: false, cam: false },
  purpose: "files",
  files: [{ name: "notes.txt", bytes: 3 }],
};

/** A call of the host that rings for who asks. */
function inCall(fields: object): RoomInput {
  return async (roomId, world, { userId }, place) => {
    const participantId = newId<ParticipantId>();
    const input = { tabId, ...fields, ..."action" in fields ? { participantId } : {} };
    if (place === "missing") return { ...input, callId: newId<CallId>() };
    const { callId } = await storeCall(world.app.services.db, {
      roomId,
      by: world.hostId,
      participantId,
      ringFor: userId,
      isDirect: place === "direct" || place === "others",
    });
    return { ...input, callId };
  };
}

/** Leaves out what queries of a device do not take. */
function withoutTab(input: RoomInput): RoomInput {
  return async (...args) => {
    const { tabId: _, ...rest } = await input(...args) as { tabId: string };
    return rest;
  };
}

/** Calls. */
export const CALL_ROWS: Readonly<Record<string, Row>> = {
  "calls.start": [
    ...inRooms(TAKE_PART, (roomId) => ({ roomId, tabId, media })),
    ...inRooms(FILES_ALONE, (roomId) => ({ roomId, tabId, ...FILES })),
  ],
  "calls.accept": inRooms(TAKE_PART, inCall({ media })),
  "calls.join": inRooms(TAKE_PART, inCall({ media })),
  "calls.ring": inRooms(IN_CALL, inCall({ userId: newId() })),
  "calls.rang": inRooms(READ, inCall({})),
  "calls.decline": inRooms(READ, inCall({ reason: "busy" })),
  "calls.cancel": inRooms(IN_CALL, inCall({})),
  "calls.leave": inRooms(IN_CALL, inCall({})),
  "calls.media": inRooms(IN_CALL, inCall({ ...media, screen: false, screenAudio: false, hand: true })),
  "calls.moderate": inRooms(MODERATE, inCall({ action: "remove" })),
  "calls.fileDone": inRooms(IN_CALL, inCall({ from: newId(), name: "notes.txt", bytes: 3 })),
  "calls.current": inRooms(READ, (roomId) => ({ roomId })),
  "calls.signal": inRooms(
    IN_CALL,
    inCall({ to: newId(), epoch: 0, seq: 0, kind: "offer", payload: "x" }),
  ),
  "calls.poll": [one("own rooms", ALL, () => ({ tabId, cursor: null }))],
  "calls.iceServers": [
    ...inRooms(IN_CALL, withoutTab(inCall({}))),
    one("no call", ALL, () => ({ callId: null })),
  ],
  "calls.connectSfu": inRooms(IN_CALL, withoutTab(inCall({}))),
  "calls.onSignal": [one("own rooms", ALL, () => ({ tabId }))],
};
