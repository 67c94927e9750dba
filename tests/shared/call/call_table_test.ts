import { describe, expect, it } from "vitest";
import type { CallPhase } from "../../../shared/call/call_state.ts";
import type { CallUpdate } from "../../../shared/call/call_types.ts";
import { callDeadline, reduceCall } from "../../../shared/call/reduce_call.ts";
import type { CallEvent } from "../../../shared/call/reduce_call.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import {
  bo,
  call,
  callId,
  join,
  link,
  me,
  media,
  other,
  PATHS,
  ring,
  roomId,
  stateIn,
  update,
} from "./call_fixtures.ts";

const PHASES = Object.keys(PATHS) as CallPhase[];

function ringEnded(reason: Extract<CallUpdate, { type: "ring_ended" }>["reason"]): CallEvent {
  return update({ type: "ring_ended", callId, userId: bo, reason });
}

function callEnded(reason?: "failed" | "kicked" | "left_room"): CallEvent {
  return update({
    type: "call_ended",
    callId,
    roomId,
    missed: false,
    ...reason === undefined ? {} : { reason },
  });
}

const EVENTS: Readonly<Record<string, CallEvent>> = {
  "start here": { type: "act", act: { type: "start", roomId, ring: [bo], ...join } },
  "start elsewhere": {
    type: "act",
    act: { type: "start", roomId: "lobby" as RoomId, ring: [], ...join, isDirect: false },
  },
  "join here": { type: "act", act: { type: "join", roomId, callId, ...join } },
  "accept": { type: "act", act: { type: "accept", callId, media, isDirect: true } },
  "decline": { type: "act", act: { type: "decline", callId } },
  "leave": { type: "act", act: { type: "leave" } },
  "cancel rings": { type: "act", act: { type: "cancel_rings" } },
  "ring more": { type: "act", act: { type: "ring_more", userId: "cleo" as UserId } },
  "media": { type: "act", act: { type: "media", media: { cam: true } } },
  "hand": { type: "act", act: { type: "hand", isRaised: true } },
  "dismiss": { type: "act", act: { type: "dismiss" } },
  "ring": update({ type: "ring", ring: ring("second", "lobby") }),
  "ring state": update({ type: "ring_state", callId, userId: bo, state: "ringing" }),
  "accepted": ringEnded("accepted"),
  "declined": ringEnded("declined"),
  "cancelled": ringEnded("cancelled"),
  "missed": ringEnded("missed"),
  "answered elsewhere": ringEnded("answered_elsewhere"),
  "declined elsewhere": ringEnded("declined_elsewhere"),
  "joined by others": update({ type: "call_changed", call: call(3, me, other) }),
  "left by others": update({ type: "call_changed", call: call(3, me) }),
  "removed": update({ type: "call_changed", call: call(3, other) }),
  "in another tab": update({ type: "call_changed", call: call(3, { ...me, seq: 3 }, other) }),
  "an old change": update({ type: "call_changed", call: call(1, other) }),
  "call ended": callEnded(),
  "failed": callEnded("failed"),
  "kicked": callEnded("kicked"),
  "left room": callEnded("left_room"),
  "moved": update({ type: "moved", callId, seq: 1 }),
  "an old move": update({ type: "moved", callId, seq: 0 }),
  "hand off": update({ type: "handoff", callId, topology: "sfu" }),
  "empty snapshot": update({ type: "snapshot", calls: [], rings: [] }),
  "snapshot": update({ type: "snapshot", calls: [call(3, me, other)], rings: [ring("call", "room")] }),
  "link up": link(true),
  "link down": link(false),
  "sfu up": { type: "sfu", isUp: true },
  "stream lost": { type: "stream", isOpen: false },
  "stream open": { type: "stream", isOpen: true },
  "an answer of nobody": { type: "answered", id: 99, answer: { type: "done" } },
  "a refusal of nobody": { type: "refused", id: 99, code: null },
};

/** The phase after each event, or the reason of the end: from each phase, in the order of `PATHS`. */
const TABLE: Readonly<Record<string, string>> = {
  "start here": "outgoing outgoing connecting connecting active reconnecting outgoing",
  "start elsewhere": "outgoing outgoing outgoing outgoing outgoing outgoing outgoing",
  "join here": "connecting outgoing connecting connecting active reconnecting connecting",
  "accept": "idle outgoing connecting connecting active reconnecting hangup",
  "decline": "idle outgoing declined connecting active reconnecting hangup",
  "leave": "idle cancelled incoming hangup hangup hangup hangup",
  "cancel rings": "idle cancelled incoming connecting active reconnecting hangup",
  "ring more": "idle outgoing incoming connecting active reconnecting hangup",
  "media": "idle outgoing incoming connecting active reconnecting hangup",
  "hand": "idle outgoing incoming connecting active reconnecting hangup",
  "dismiss": "idle outgoing incoming connecting active reconnecting idle",
  "ring": "incoming outgoing incoming connecting active reconnecting incoming",
  "ring state": "idle outgoing incoming connecting active reconnecting hangup",
  "accepted": "idle outgoing answered_elsewhere connecting active reconnecting hangup",
  "declined": "idle declined declined connecting active reconnecting hangup",
  "cancelled": "idle cancelled cancelled connecting active reconnecting hangup",
  "missed": "idle missed missed connecting active reconnecting hangup",
  "answered elsewhere": "idle answered_elsewhere answered_elsewhere connecting active reconnecting hangup",
  "declined elsewhere": "idle declined_elsewhere declined_elsewhere connecting active reconnecting hangup",
  "joined by others": "idle connecting incoming connecting active reconnecting hangup",
  "left by others": "idle outgoing incoming active active active hangup",
  "removed": "idle kicked incoming kicked kicked kicked hangup",
  "in another tab": "idle moved incoming moved moved moved hangup",
  "an old change": "idle outgoing incoming connecting active reconnecting hangup",
  "call ended": "idle hangup cancelled hangup hangup hangup hangup",
  "failed": "idle failed incoming failed failed failed hangup",
  "kicked": "idle kicked incoming kicked kicked kicked hangup",
  "left room": "idle left_room incoming left_room left_room left_room hangup",
  "moved": "idle moved incoming moved moved moved hangup",
  "an old move": "idle outgoing incoming connecting active reconnecting hangup",
  "hand off": "idle outgoing incoming connecting active reconnecting hangup",
  "empty snapshot": "idle outgoing cancelled connecting active reconnecting hangup",
  "snapshot": "incoming connecting incoming connecting active reconnecting incoming",
  "link up": "idle outgoing incoming active active active hangup",
  "link down": "idle outgoing incoming connecting reconnecting reconnecting hangup",
  "sfu up": "idle outgoing incoming connecting active reconnecting hangup",
  "stream lost": "idle outgoing incoming connecting active reconnecting hangup",
  "stream open": "idle outgoing incoming connecting active reconnecting hangup",
  "an answer of nobody": "idle outgoing incoming connecting active reconnecting hangup",
  "a refusal of nobody": "idle outgoing incoming connecting active reconnecting hangup",
};

function nextIn(phase: CallPhase, event: CallEvent): string {
  const { stage } = reduceCall(stateIn(phase), event, 10).state;
  return stage.phase === "ended" ? stage.end.reason : stage.phase;
}

describe("reduceCall()", () => {
  it("reaches each phase", () => {
    for (const phase of PHASES) expect(stateIn(phase).stage.phase).toBe(phase);
  });

  it("goes from each phase to the one that the table names, by each event", () => {
    const found = Object.entries(EVENTS).map(([name, event]) => {
      return [name, PHASES.map((phase) => nextIn(phase, event)).join(" ")];
    });
    expect(Object.fromEntries(found)).toEqual(TABLE);
  });

  it("ends each phase that does not last, without the server", () => {
    const lasting = Object.fromEntries(PHASES.map((phase) => [phase, waitIn(phase)]));
    expect(lasting).toEqual({
      idle: "stays",
      outgoing: "missed after 50000",
      incoming: "missed after 47000",
      connecting: "failed after 30000",
      active: "stays",
      reconnecting: "failed after 30000",
      ended: "stays",
    });
  });

  it("leaves in each phase at once, without the server", () => {
    for (const phase of ["outgoing", "connecting", "active", "reconnecting"] as const) {
      const step = reduceCall(stateIn(phase), { type: "act", act: { type: "leave" } }, 10);
      expect(step.state.stage.phase).toBe("ended");
      expect(step.effects).toContainEqual({
        type: "devices",
        media: { mic: false, cam: false, screen: false, screenAudio: false },
      });
      expect(step.effects).toContainEqual({ type: "links", own: null, peers: [] });
      expect(step.effects).toContainEqual(expect.objectContaining({ request: { type: "leave", callId } }));
    }
  });

  it("releases all devices whenever it ends", () => {
    const ends: string[] = [];
    for (const [name, event] of Object.entries(EVENTS)) {
      for (const phase of ["outgoing", "connecting", "active", "reconnecting"] as const) {
        const { state, effects } = reduceCall(stateIn(phase), event, 10);
        if (state.stage.phase !== "ended") continue;
        ends.push(state.stage.end.reason);
        const last = effects.findLast(({ type }) => type === "devices");
        expect([name, phase, last]).toEqual([name, phase, {
          type: "devices",
          media: { mic: false, cam: false, screen: false, screenAudio: false },
        }]);
      }
    }
    expect([...new Set(ends)]).toEqual(
      expect.arrayContaining(["hangup", "declined", "missed", "kicked", "moved", "failed", "left_room"]),
    );
  });

  it("neither changes a state that it was given nor what it answers to the same event", () => {
    for (const phase of PHASES) {
      for (const event of Object.values(EVENTS)) {
        const state = deepFreeze(stateIn(phase));
        expect(reduceCall(state, event, 10)).toEqual(reduceCall(state, event, 10));
      }
    }
  });
});

/** Waits at each deadline until the phase changes. */
function waitIn(phase: CallPhase): string {
  let state = stateIn(phase);
  for (let at = callDeadline(state); at !== null; at = callDeadline(state)) {
    state = reduceCall(state, { type: "tick" }, at).state;
    const { stage } = state;
    if (stage.phase !== phase) {
      return `${stage.phase === "ended" ? stage.end.reason : stage.phase} after ${at}`;
    }
  }
  return "stays";
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !(value instanceof Map) && !(value instanceof Set)) {
    Object.values(Object.freeze(value)).forEach(deepFreeze);
  }
  return value;
}
