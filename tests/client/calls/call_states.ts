import type { CallAct } from "../../../shared/call/call_acts.ts";
import { NO_CALL } from "../../../shared/call/call_state.ts";
import type { CallState } from "../../../shared/call/call_state.ts";
import type { Call, CallUpdate, JoiningMedia, Media, Participant } from "../../../shared/call/call_types.ts";
import { reduceCall } from "../../../shared/call/reduce_call.ts";
import type { CallEvent, CallStep } from "../../../shared/call/reduce_call.ts";
import type { CallId, ParticipantId, RoomId, UserId } from "../../../shared/ids.ts";

/** Ids of the people in these tests are their names, filled up to the length of an id. */
export function userOf(name: string): UserId {
  return name.padEnd(16, "_") as UserId;
}

/** The name of somebody by their id. */
export function nameOf(userId: UserId): string {
  return userId.replace(/_+$/, "");
}

/** The participant of a person. */
export function participantOf(name: string): ParticipantId {
  return `p-${name}`.padEnd(16, "_") as ParticipantId;
}

export const ROOM = "room____________" as RoomId;
/** When the call began. */
export const STARTED_MS = Date.parse("2026-01-01T10:00:00Z");
export const CALL = "call____________" as CallId;
const SILENT: Media = { mic: true, cam: false, screen: false, screenAudio: false };

/** What a participant tells, beside a microphone that is on. */
export interface Guest extends Partial<Media> {
  readonly name: string;
  readonly handSince?: string;
}

/** A call with these people, who joined in this order. */
export function callOf(guests: readonly Guest[], revision = 1): Call {
  const participants = guests.map(({ name, handSince = null, ...media }, index): Participant => ({
    participantId: participantOf(name),
    userId: userOf(name),
    seq: index + 1,
    media: { ...SILENT, ...media },
    handSince,
  }));
  return {
    callId: CALL,
    roomId: ROOM,
    startedBy: userOf(guests[0]?.name ?? ""),
    startedAt: new Date(STARTED_MS).toISOString(),
    topology: "mesh",
    purpose: "talk",
    participants,
    revision,
  };
}

/** Feeds the reducer, and answers what it asks. */
export class CallScript {
  state: CallState = NO_CALL;
  nowMs = 1_000;

  /** Applies an event. */
  feed(event: CallEvent): CallStep {
    const step = reduceCall(this.state, event, this.nowMs);
    this.state = step.state;
    return step;
  }

  act(act: CallAct): CallStep {
    return this.feed({ type: "act", act });
  }

  update(update: Exclude<CallUpdate, { type: "signal" }>): CallStep {
    return this.feed({ type: "update", update });
  }

  /** Joins a call in which these people are already, and has a link to each of them. */
  join(others: readonly Guest[], own: Guest, media: JoiningMedia = { mic: true, cam: false }): this {
    const call = callOf([...others, { ...own, ...media }]);
    const { effects } = this.act({
      type: "join",
      callId: CALL,
      roomId: ROOM,
      isDirect: false,
      purpose: "talk",
      media,
    });
    this.#answer(effects, call, own.name);
    for (const { participantId, seq } of call.participants) {
      this.feed({ type: "link", participantId, seq, isUp: true });
    }
    return this;
  }

  /** Starts a call that rings somebody. */
  ring(own: string, callee: string, isDirect = true): this {
    const { effects } = this.act({
      type: "start",
      roomId: ROOM,
      isDirect,
      purpose: "talk",
      ring: [userOf(callee)],
      media: { mic: true, cam: false },
    });
    this.#answer(effects, callOf([{ name: own }]), own);
    return this;
  }

  #answer(effects: CallStep["effects"], call: Call, own: string): void {
    for (const effect of effects) {
      if (effect.type !== "request") continue;
      const joined = { call, participantId: participantOf(own) };
      this.feed({ type: "answered", id: effect.id, answer: { type: "joined", joined } });
    }
  }
}
