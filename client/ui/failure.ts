import type { AppErrorCode, InputIssue } from "../../shared/errors.ts";
import { readWireError } from "../net/wire_error.ts";

/** A failure, described for the user. */
export interface Failure {
  /** `offline` if no answer arrived. */
  readonly code: AppErrorCode | "offline";
  /** What happened and what to do, in sentences. */
  readonly text: string;
  /** Null if no wait is needed before trying again. */
  readonly retryAfterMs: number | null;
  /** Invalid fields, if the server named them. */
  readonly issues: readonly InputIssue[];
}

/** Texts for some codes, where the view knows more. */
export type FailureTexts = Partial<Record<Failure["code"], string>>;

/** Only forms meet these codes, and have their texts: the first view does not need them. */
export type FormFailureCode =
  | "bad_credentials"
  | "invite_invalid"
  | "setup_invalid"
  | "reset_invalid"
  | "name_taken"
  | "already_set_up"
  | "last_owner"
  | "wrong_state";

/** Only calls meet these. */
type CallFailureCode = "not_in_call" | "call_full" | "call_moved";

/** Only the switch of push notifications meets this one. */
type PushFailureCode = "push_host_refused";

type GeneralFailureCode = Exclude<Failure["code"], FormFailureCode | CallFailureCode | PushFailureCode>;

const TEXTS: Record<GeneralFailureCode, string> & FailureTexts = {
  offline: "The server cannot be reached. Check the connection and try again.",
  invalid_input: "Some fields are not valid. Check the marked ones.",
  invalid_position: "This view is out of date. Reload the page.",
  invalid_request: "This page is out of date. Reload it and try again.",
  unauthenticated: "Your session has ended. Sign in again.",
  not_allowed: "You are not allowed to do this. Ask an admin.",
  origin_refused: "Parley does not work at this address. Use the address you normally open.",
  membership_ended: "You are no longer in this room.",
  not_found: "This does not exist, or you are not allowed to see it.",
  room_archived: "This room is archived, so nobody can write in it.",
  too_large: "That is too large to send.",
  rate_limited: "Too many requests.",
  too_many_subscriptions: "Too many tabs are open. Close some of them.",
  storage_unavailable: "The server cannot reach its storage. Nothing was changed.",
  storage_full: "The server's disk is full. Nothing was changed. Tell an admin.",
  draining: "The server is restarting. Try again in a moment.",
  internal: "Something went wrong on the server. If it happens again, tell an admin.",
};

/** For these, the server's own message names the reason. */
const TOLD_BY_SERVER: ReadonlySet<Failure["code"]> = new Set(["not_allowed", "name_taken"]);

/** Describes what a call threw. `texts` replaces the general texts. */
export function readFailure(error: unknown, texts: FailureTexts = {}): Failure {
  const { appCode, retryAfterMs, issues, errorId } = readWireError(error);
  const code = appCode ?? "offline";
  const told = TOLD_BY_SERVER.has(code) && error instanceof Error && error.message !== ""
    ? `${error.message}.`
    : null;
  const text = texts[code] ?? told ?? TEXTS[code] ?? TEXTS.internal;
  return {
    code,
    text: code === "internal" && errorId !== null ? `${text} (Error ${errorId})` : text,
    retryAfterMs: retryAfterMs > 0 ? retryAfterMs : null,
    issues,
  };
}

/** Formats a wait: "42 s", "5 min". */
export function describeWait(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
