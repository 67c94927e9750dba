import type { CallAnswer, CallRequest } from "../../../shared/call/call_requests.ts";
import { NO_CALL } from "../../../shared/call/call_state.ts";
import type { CallState } from "../../../shared/call/call_state.ts";
import type { CallUpdate } from "../../../shared/call/call_types.ts";
import { callDeadline, reduceCall } from "../../../shared/call/reduce_call.ts";
import type { CallEvent } from "../../../shared/call/reduce_call.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { call, callId, join, me, media, type other, roomId, update } from "./call_fixtures.ts";

/** One device with its requests, in simulated time. */
export class ReducedDevice {
  state: CallState;
  nowMs = 0;
  readonly requests: { readonly id: number; readonly request: CallRequest }[] = [];

  constructor(state: CallState = NO_CALL) {
    this.state = state;
  }

  get phase(): string {
    const { stage } = this.state;
    return stage.phase === "ended" ? stage.end.reason : stage.phase;
  }

  on(event: CallEvent): this {
    const { state, effects } = reduceCall(this.state, event, this.nowMs);
    this.state = state;
    for (const effect of effects) if (effect.type === "request") this.requests.push(effect);
    return this;
  }

  hear(of: Exclude<CallUpdate, { type: "signal" }>): this {
    return this.on(update(of));
  }

  /** Waits, with a tick at each deadline. */
  wait(ms: number): this {
    const until = this.nowMs + ms;
    for (let at = callDeadline(this.state); at !== null && at <= until; at = callDeadline(this.state)) {
      this.nowMs = at;
      this.on({ type: "tick" });
    }
    this.nowMs = until;
    return this;
  }

  sent(type: CallRequest["type"]) {
    return this.requests.filter(({ request }) => request.type === type);
  }

  answer(type: CallRequest["type"], answer: CallAnswer): this {
    return this.on({ type: "answered", id: this.sent(type).at(-1)?.id ?? 0, answer });
  }

  refuse(type: CallRequest["type"], code: string | null): this {
    return this.on({ type: "refused", id: this.sent(type).at(-1)?.id ?? 0, code });
  }
}

/** Another room. */
export const lobby = "lobby" as RoomId;
export const startRoom: CallEvent = {
  type: "act",
  act: { type: "start", roomId, ring: [], ...join, isDirect: false },
};
export const leave: CallEvent = { type: "act", act: { type: "leave" } };
export const joined = (revision = 1, ...others: (typeof other)[]): CallAnswer => {
  return { type: "joined", joined: { call: call(revision, me, ...others), participantId: me.participantId } };
};
export const accept: CallEvent = { type: "act", act: { type: "accept", callId, media, isDirect: true } };
export const change = (changes: { mic?: boolean; cam?: boolean }): CallEvent => {
  return { type: "act", act: { type: "media", media: changes } };
};
