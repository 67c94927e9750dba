/** One event of a server-sent event stream, or a part of one. */
export interface SseEvent {
  /** Lines may end with CR, LF or CRLF; the reader gets LF. */
  readonly data?: string;
  /** Name that `addEventListener` takes; "message" when absent. */
  readonly event?: string;
  /** What a reader that comes back sends as `Last-Event-ID`. */
  readonly id?: string;
  /** How long a reader waits before it comes back. */
  readonly retryMs?: number;
  /** Text that readers pass over, which keeps the connection alive. */
  readonly comment?: string;
}

const LINE_END_PATTERN = /\r\n|\r|\n/;
/** The stream is cut into fields at line ends, and a reader ignores an id with a NUL. */
const FIELD_END_PATTERN = /[\r\n\0]/;

/**
 * Encodes one event of a server-sent event stream (WHATWG HTML §9.2.5).
 *
 * No text can end its field early or begin another one. Throws RangeError for a name or id with a line end or NUL
 * and for a `retryMs` that is no whole number of milliseconds.
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

/** A reader takes away one space behind the colon, so there is always one, and spaces of the text stay. */
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
