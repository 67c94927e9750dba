import { APP_ERRORS } from "../../shared/errors.ts";
import type { AppErrorCode, InputIssue } from "../../shared/errors.ts";

/** Why something did not work, in words for the person in front of the screen. */
export interface Failure {
  /** `offline` when no answer came at all. */
  readonly code: AppErrorCode | "offline";
  /** What happened and what to do, as sentences. */
  readonly text: string;
  /** Null when trying again needs no wait. */
  readonly retryAfterMs: number | null;
  /** Wrong fields, when the server named them. */
  readonly issues: readonly InputIssue[];
}

/** Better words for some codes, where the view knows what was tried. */
export type FailureTexts = Partial<Record<Failure["code"], string>>;

const TEXTS: Record<Failure["code"], string> = {
  offline: "The server cannot be reached. Check the connection and try again.",
  invalid_input: "Some fields are not valid. Check the marked ones.",
  invalid_position: "This view is out of date. Reload the page.",
  invalid_request: "This page is out of date. Reload it and try again.",
  unauthenticated: "Your session has ended. Sign in again.",
  bad_credentials: "Wrong name or password.",
  not_allowed: "You are not allowed to do this. Ask an admin.",
  origin_refused: "Parley does not work at this address. Use its usual one.",
  membership_ended: "You are no longer in this room.",
  not_found: "This does not exist, or you are not allowed to see it.",
  invite_invalid:
    "This invite link does not work: it may be used up, expired or mistyped. Ask for a new one.",
  setup_invalid: "This setup link has expired. The server prints a new one every hour and at startup.",
  reset_invalid: "This reset link does not work any more. Ask an admin for a new one.",
  name_taken: "That name is taken. Choose another one.",
  already_set_up: "Parley is already set up. Sign in instead.",
  last_owner: "The last owner cannot go. Make someone else an owner first.",
  room_archived: "This room is archived, so nobody can write in it.",
  too_large: "That is too large to send.",
  rate_limited: "Too many requests.",
  too_many_subscriptions: "Too many tabs are open. Close some of them.",
  storage_unavailable: "The server cannot reach its storage. Nothing was changed.",
  storage_full: "The server's disk is full. Nothing was changed; tell an admin.",
  draining: "The server is restarting. Try again in a moment.",
  internal: "Something went wrong on the server. If it happens again, tell an admin.",
};

/** What the server says of these names the reason; the texts above stand in where it says nothing. */
const TOLD_BY_SERVER: ReadonlySet<Failure["code"]> = new Set(["not_allowed", "name_taken"]);

/** Turns whatever a call threw into words. `texts` replaces the general ones. */
export function readFailure(error: unknown, texts: FailureTexts = {}): Failure {
  const data = dataOf(error);
  const code = data === null ? "offline" : codeOf(data);
  const issues = data !== null && Array.isArray(data.issues) ? data.issues as InputIssue[] : [];
  const retryAfterMs = data !== null && typeof data.retryAfterMs === "number" ? data.retryAfterMs : null;
  const told = TOLD_BY_SERVER.has(code) && error instanceof Error && error.message !== ""
    ? `${error.message}.`
    : null;
  const text = texts[code] ?? told ?? TEXTS[code];
  const errorId = data?.errorId;
  return {
    code,
    text: code === "internal" && typeof errorId === "string" ? `${text} (Error ${errorId})` : text,
    retryAfterMs,
    issues,
  };
}

/** Gives what stands under the field `path`, or null. */
export function issueText(failure: Failure | null, path: string): string | null {
  const issue = failure?.issues.find((one) => one.path === path);
  return issue === undefined ? null : issue.message;
}

/** Says a wait in words: "42 s", "5 min". */
export function describeWait(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

interface WireData {
  readonly appCode?: unknown;
  readonly retryAfterMs?: unknown;
  readonly issues?: unknown;
  readonly errorId?: unknown;
}

function dataOf(error: unknown): WireData | null {
  if (typeof error !== "object" || error === null) return null;
  // A tRPC error keeps it under `data`; our own AppError has the same fields on itself.
  if ("data" in error && typeof error.data === "object" && error.data !== null) return error.data;
  return "appCode" in error ? error : null;
}

function codeOf(data: WireData): AppErrorCode {
  return typeof data.appCode === "string" && Object.hasOwn(APP_ERRORS, data.appCode)
    ? data.appCode as AppErrorCode
    : "internal";
}
