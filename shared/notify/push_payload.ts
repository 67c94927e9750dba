import type { CallId, RoomId } from "../ids.ts";
import type { Unread } from "./unread.ts";

/** Encrypted; push services take at least 4 KiB, and some devices fewer. */
export const PUSH_PAYLOAD_MAX_BYTES = 3 * 1_024;

/**
 * What a push tells the service worker, as JSON of at most `PUSH_PAYLOAD_MAX_BYTES` when encrypted. `tag` is of the
 * notification to show, `close` lists those of messages that were read elsewhere, `url` is a path of this server.
 */
export type PushPayload =
  | {
    readonly kind: "message";
    /** Of the room, see `roomTag`. */
    readonly tag: string;
    readonly title: string;
    /** "New message" where previews are off. */
    readonly body: string;
    readonly url: string;
    /** Epoch milliseconds. */
    readonly sentAt: number;
    readonly isSilent: boolean;
    /** For the badge of the app. */
    readonly unread: Unread;
    readonly close: readonly string[];
  }
  | {
    readonly kind: "call";
    /** Of the call, see `callTag`. */
    readonly tag: string;
    readonly callId: CallId;
    readonly roomId: RoomId;
    readonly title: string;
    readonly body: string;
    readonly url: string;
    /** By the clock of the server, as `until`; epoch milliseconds. */
    readonly sentAt: number;
    /** Epoch milliseconds; later than that it is a missed call. */
    readonly until: number;
    /** "Missed call from Ana" */
    readonly missed: string;
    readonly close: readonly string[];
  }
  | {
    readonly kind: "callEnded";
    readonly tag: string;
    readonly title: string;
    /** "Answered on another device" or "Missed call from Ana" */
    readonly body: string;
    readonly url: string;
    readonly isMissed: boolean;
    readonly unread: Unread;
    readonly close: readonly string[];
  }
  | {
    readonly kind: "test";
    readonly tag: "test";
    readonly title: string;
    readonly body: string;
    readonly url: string;
    readonly close: readonly string[];
  };

/** The tag of notifications of a room's messages. */
export function roomTag(roomId: RoomId): string {
  return `room ${roomId}`;
}

/** The tag of notifications of a call. */
export function callTag(callId: CallId): string {
  return `call-${callId}`;
}

/** Reads a payload; null if it comes from a build that writes another form. */
export function readPushPayload(text: string): PushPayload | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { tag, title, body, url, close } = value;
  const isKnown = [tag, title, body].every(isText) && isPath(url) && Array.isArray(close) &&
    close.every(isText) && hasFieldsOfKind(value);
  return isKnown ? value as unknown as PushPayload : null;
}

function hasFieldsOfKind(value: Readonly<Record<string, unknown>>): boolean {
  switch (value["kind"]) {
    case "message":
      return isNumber(value["sentAt"]) && isUnread(value["unread"]) && typeof value["isSilent"] === "boolean";
    case "call":
      return [value["callId"], value["roomId"], value["missed"]].every(isText) &&
        [value["sentAt"], value["until"]].every(isNumber);
    case "callEnded":
      return isUnread(value["unread"]) && typeof value["isMissed"] === "boolean";
    case "test":
      return value["tag"] === "test";
    default:
      return false;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isUnread(value: unknown): value is Unread {
  return isRecord(value) && isNumber(value["ownCount"]) && typeof value["hasMore"] === "boolean";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Two slashes, or a slash and a backslash, would lead to another host. */
function isPath(value: unknown): value is string {
  return isText(value) && /^\/(?![/\\])/.test(value);
}
