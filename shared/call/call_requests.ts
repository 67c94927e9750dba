import type { CallId, RoomId, UserId } from "../ids.ts";
import type {
  Call,
  CallPurpose,
  FileLabel,
  Joined,
  JoiningMedia,
  MediaTold,
  ToldMedia,
} from "./call_types.ts";
import { REQUEST_MS } from "./call_state.ts";
import type { CallState } from "./call_state.ts";

/** A procedure to call, with its input. */
export type CallRequest =
  | {
    readonly type: "start";
    readonly roomId: RoomId;
    readonly media: JoiningMedia;
    readonly ring: readonly UserId[];
    readonly purpose: CallPurpose;
    /** What is offered, in a call for files. */
    readonly files?: readonly FileLabel[];
  }
  | { readonly type: "accept" | "join"; readonly callId: CallId; readonly media: JoiningMedia }
  | { readonly type: "ring"; readonly callId: CallId; readonly userId: UserId }
  | { readonly type: "rang" | "cancel" | "leave"; readonly callId: CallId }
  | { readonly type: "decline"; readonly callId: CallId; readonly reason: "declined" | "busy" }
  /** `revision` is the last state of the call of which this device knows. */
  | { readonly type: "media"; readonly callId: CallId; readonly media: ToldMedia; readonly revision: number }
  | { readonly type: "current"; readonly roomId: RoomId };

/** What the server answered. */
export type CallAnswer =
  | { readonly type: "joined"; readonly joined: Joined }
  | { readonly type: "media"; readonly told: MediaTold }
  | { readonly type: "current"; readonly call: Call | null }
  | { readonly type: "done" };

/** A request without an answer so far. */
export interface PendingRequest {
  readonly id: number;
  readonly request: CallRequest;
  readonly roomId: RoomId;
  readonly tries: number;
  readonly failsAt: number;
}

/** A request to send later: when its time comes, or when the requests before it have ended. */
export interface WaitingRequest extends Omit<PendingRequest, "failsAt"> {
  readonly sendAt: number | null;
}

/** How often `leave`, `cancel` and `decline` are sent; after that, the lease or the ring has ended. */
const MAX_TRIES = 7;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 8_000;

/** The work of one event: the state so far, and what to send. */
export interface CallDraft {
  state: CallState;
  readonly sent: { readonly id: number; readonly request: CallRequest }[];
  readonly nowMs: number;
}

/** Whether a request takes leave: it is repeated until the server has answered. */
export function isFarewell({ type }: CallRequest): boolean {
  return type === "leave" || type === "cancel" || type === "decline";
}

/** Whether a request makes this device a participant. */
export function isAttempt(request: CallRequest): request is Extract<CallRequest, { media: JoiningMedia }> & {
  type: "start" | "accept" | "join";
} {
  return request.type === "start" || request.type === "accept" || request.type === "join";
}

/**
 * Sends a request, and returns its id. Requests to join wait until earlier farewells to the same room have ended,
 * because a farewell that arrived later would end the new participation.
 */
export function send(draft: CallDraft, request: CallRequest, roomId: RoomId, tries = 1): number {
  const { state, nowMs } = draft;
  const id = state.nextRequestId;
  draft.state = { ...state, nextRequestId: id + 1 };
  if (isAttempt(request) && state.pending.some((one) => one.roomId === roomId && isFarewell(one.request))) {
    const later = [...state.later, { id, request, roomId, tries, sendAt: null }];
    draft.state = { ...draft.state, later };
  } else {
    dispatch(draft, { id, request, roomId, tries, failsAt: nowMs + REQUEST_MS });
  }
  return id;
}

function dispatch(draft: CallDraft, pending: PendingRequest): void {
  draft.state = { ...draft.state, pending: [...draft.state.pending, pending] };
  draft.sent.push({ id: pending.id, request: pending.request });
}

/** Takes a request that has ended from the pending ones; undefined if it ended before. */
export function takePending(draft: CallDraft, id: number): PendingRequest | undefined {
  const found = draft.state.pending.find((one) => one.id === id);
  draft.state = { ...draft.state, pending: draft.state.pending.filter((one) => one !== found) };
  return found;
}

/** Drops requests that would end a new participation in the room, and an attempt that was not sent. */
export function dropWaiting(draft: CallDraft, roomId: RoomId): void {
  draft.state = { ...draft.state, later: draft.state.later.filter((one) => one.roomId !== roomId) };
}

/** Repeats a request after a failure, with growing pauses. */
export function sendAgain(draft: CallDraft, { request, roomId, tries }: PendingRequest): void {
  if (tries >= MAX_TRIES) return;
  const { state, nowMs } = draft;
  const pauseMs = Math.min(RETRY_MS * 2 ** (tries - 1), RETRY_MAX_MS);
  const repeated = { id: state.nextRequestId, request, roomId, tries: tries + 1, sendAt: nowMs + pauseMs };
  draft.state = { ...state, nextRequestId: state.nextRequestId + 1, later: [...state.later, repeated] };
}

/** Sends the requests whose time has come. */
export function sendDue(draft: CallDraft): void {
  for (const waiting of draft.state.later) {
    const { sendAt, ...request } = waiting;
    const isDue = sendAt === null
      ? !draft.state.pending.some((one) => one.roomId === waiting.roomId && isFarewell(one.request))
      : sendAt <= draft.nowMs;
    if (!isDue) continue;
    draft.state = { ...draft.state, later: draft.state.later.filter((one) => one !== waiting) };
    dispatch(draft, { ...request, failsAt: draft.nowMs + REQUEST_MS });
  }
}

/** When the next request fails or is sent. */
export function requestsDeadline({ pending, later }: CallState): number {
  return Math.min(
    ...pending.map((one) => one.failsAt),
    ...later.flatMap(({ sendAt }) => sendAt === null ? [] : [sendAt]),
  );
}
