/** One event of a server-sent event stream, or part of one. */
export interface SseEvent {
  /** Lines may end with CR, LF or CRLF; readers get LF. */
  readonly data?: string;
  /** The name for `addEventListener`; "message" if absent. */
  readonly event?: string;
  /** Sent by the reader as `Last-Event-ID` when it reconnects. */
  readonly id?: string;
  /** How long the reader waits before it reconnects. */
  readonly retryMs?: number;
  /** Ignored by readers; keeps the connection alive. */
  readonly comment?: string;
}

const LINE_END_PATTERN = /\r\n|\r|\n/;
/** Line breaks end a field, and readers ignore an id with a NUL. */
const FIELD_END_PATTERN = /[\r\n\0]/;

/**
 * Encodes one event of a server-sent event stream (WHATWG HTML §9.2.5).
 *
 * No text can end its field early or start another one. Throws RangeError for a name or id with a line break or
 * NUL, and for a `retryMs` that is not a whole number.
 */
export function encodeSse({ data, event, id, retryMs, comment }: SseEvent): Uint8Array<ArrayBuffer> {
  let text = "";
  if (comment !== undefined) text += linesOf("", comment);
  if (retryMs !== undefined) text += `retry: ${checkRetry(retryMs)}\n`;
  if (event !== undefined) text += `event: ${checkField("event", event)}\n`;
  if (id !== undefined) text += `id: ${checkField("id", id)}\n`;
  if (data !== undefined) text += linesOf("data", data);
  return new TextEncoder().encode(`${text}\n`);
}

/** Readers remove one space after the colon, so always write one, to keep leading spaces of the text. */
function linesOf(field: string, text: string): string {
  return text.split(LINE_END_PATTERN).map((line) => `${field}: ${line}\n`).join("");
}

function checkField(name: string, value: string): string {
  if (FIELD_END_PATTERN.test(value)) {
    throw new RangeError(
      `Cannot encode ${name} ${JSON.stringify(value)}: it must not contain line breaks or NUL`,
    );
  }
  return value;
}

function checkRetry(retryMs: number): number {
  if (!Number.isSafeInteger(retryMs) || retryMs < 0) {
    throw new RangeError(`Cannot encode retry ${retryMs}: it must be a whole number of milliseconds`);
  }
  return retryMs;
}
