import type { CallId } from "../../shared/ids.ts";

/** What the worker and the pages say to each other about notifications. */

/** The worker has shown a notification; pages take it back if it is read already. */
export const SHOWN_MESSAGE = "notification shown";
/** Tag of the notification that the user has asked for to see whether it comes. */
export const TEST_TAG = "test";
/** A page asks for the call that it was opened for, and gets its id or null by the port. */
export const OPENED_MESSAGE = "opened";

/** The user has clicked a notification. The page answers by the port, with anything. */
export interface OpenMessage {
  readonly type: "open";
  /** Path of the page. */
  readonly url: string;
  /** The call whose lobby opens; null if there is none. */
  readonly callId: CallId | null;
}

/** Reads a message of the worker; null if it is another one. */
export function readOpenMessage(data: unknown): OpenMessage | null {
  return typeof data === "object" && data !== null && "type" in data && data.type === "open"
    ? data as OpenMessage
    : null;
}

/** A page asks the worker to show something as if it had been pushed. */
export interface TellMessage {
  readonly type: "tell";
  /** A `PushPayload` as JSON. */
  readonly payload: string;
}

/** Reads a message of a page; null if it is another one. */
export function readTellMessage(data: unknown): TellMessage | null {
  return typeof data === "object" && data !== null && "type" in data && data.type === "tell"
    ? data as TellMessage
    : null;
}

/** A page asks the worker to close the ring that it shows under a tag. */
export interface TakeBackMessage {
  readonly type: "take_back";
  readonly tag: string;
}

/** Reads a message of a page; null if it is another one. */
export function readTakeBackMessage(data: unknown): TakeBackMessage | null {
  return typeof data === "object" && data !== null && "type" in data && data.type === "take_back"
    ? data as TakeBackMessage
    : null;
}
