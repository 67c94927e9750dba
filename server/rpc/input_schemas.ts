import * as v from "valibot";
import { AppError } from "../../shared/errors.ts";
import { normalizeName } from "../../shared/fold_name.ts";
import { isId } from "../../shared/ids.ts";
import type {
  CallId,
  InviteId,
  ParticipantId,
  RoomId,
  SessionId,
  StatusId,
  TabId,
  TokenId,
  UserId,
} from "../../shared/ids.ts";
import { LONG_POLL_MAX_MS, PAGE_DEFAULT_COUNT, PAGE_MAX_COUNT } from "../../shared/limits.ts";
import { findNameProblem } from "../../shared/names.ts";

/** Pieces of input schemas that several routers use. Unknown keys are refused by `v.strictObject`. */

const ID_MESSAGE = "Must be an id: 16 characters of A–Z, a–z, 0–9, - and _";
const OFFSET_MESSAGE = "Must be a whole number from 0 to 9007199254740991";
const LIMIT_MESSAGE = `Must be a whole number from 1 to ${PAGE_MAX_COUNT}`;
/** Longer than any name; longer input is refused without further checks. */
const NAME_RAW_MAX_LENGTH = 5_000;
const CURSOR_MAX_LENGTH = 1_000;
const CURSOR_MESSAGE = "Must be the cursor of an earlier page";
const TIME_MESSAGE = "Must be a time like 2030-01-31T12:00:00Z";
const WAIT_MESSAGE = `Must be a whole number from 0 to ${LONG_POLL_MAX_MS}`;
const BOOLEAN_MESSAGE = "Must be true or false";

function idSchema<T extends string>() {
  return v.pipe(
    v.string(ID_MESSAGE),
    v.check(isId, ID_MESSAGE),
    v.transform((value) => value as T),
  );
}

export const roomIdSchema = idSchema<RoomId>();
export const userIdSchema = idSchema<UserId>();
export const sessionIdSchema = idSchema<SessionId>();
export const tokenIdSchema = idSchema<TokenId>();
export const inviteIdSchema = idSchema<InviteId>();
export const tabIdSchema = idSchema<TabId>();
export const callIdSchema = idSchema<CallId>();
export const participantIdSchema = idSchema<ParticipantId>();
export const statusIdSchema = idSchema<StatusId>();

/** A name of a person, a room or the workspace; the output is normalized. `message` says what is allowed. */
export function nameSchemaOf(message: string, maxCharacters: number) {
  return v.pipe(
    v.string(message),
    v.maxLength(NAME_RAW_MAX_LENGTH, message),
    v.transform(normalizeName),
    textCheck((name) => findNameProblem(name, maxCharacters)),
  );
}

/** Refuses texts with a problem, which is the message. */
export function textCheck(findProblem: (text: string) => string | null) {
  return v.rawCheck<string>(({ dataset, addIssue }) => {
    const problem = dataset.typed ? findProblem(dataset.value) : null;
    if (problem !== null) addIssue({ message: problem });
  });
}

/** A whole number within inclusive bounds; `message` says what is allowed. */
export function wholeNumberSchema(message: string, min: number, max: number) {
  return v.pipe(
    v.number(message),
    v.check((value) => Number.isSafeInteger(value) && value >= min && value <= max, message),
  );
}

/** The offset of an event in a room's log, or 0 for the start. */
export const offsetSchema = wholeNumberSchema(OFFSET_MESSAGE, 0, Number.MAX_SAFE_INTEGER);

/** How long a call waits for something to happen; it must not be part of a batch. */
export const waitSchema = v.pipe(
  v.number(WAIT_MESSAGE),
  v.safeInteger(WAIT_MESSAGE),
  v.minValue(0, WAIT_MESSAGE),
  v.maxValue(LONG_POLL_MAX_MS, WAIT_MESSAGE),
);

export const booleanSchema = v.boolean(BOOLEAN_MESSAGE);

/** Number of items per page; 50 by default. */
export const limitSchema = v.optional(
  wholeNumberSchema(LIMIT_MESSAGE, 1, PAGE_MAX_COUNT),
  PAGE_DEFAULT_COUNT,
);

/** An opaque page token; the output is what was passed to `encodeCursor`. */
export const cursorSchema = v.pipe(
  v.string(CURSOR_MESSAGE),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const value = dataset.value.length > CURSOR_MAX_LENGTH ? null : decodeCursor(dataset.value);
    if (value === null) {
      addIssue({ message: CURSOR_MESSAGE });
      return NEVER;
    }
    return value;
  }),
);

/** Input of procedures without arguments. */
export const noInput = v.nullish(v.strictObject({}));

/** Input fields of paged lists. */
export const pageEntries = { cursor: v.optional(cursorSchema), limit: limitSchema };

/** Turns any text into an opaque page token. */
export function encodeCursor(value: string): string {
  return new TextEncoder().encode(value).toBase64({ alphabet: "base64url", omitPadding: true });
}

function decodeCursor(cursor: string): string | null {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url", lastChunkHandling: "loose" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** An ISO time with a zone; the output is in UTC. */
export const timeSchema = v.pipe(
  v.string(TIME_MESSAGE),
  v.check((value) => v.ISO_TIMESTAMP_REGEX.test(value) && !Number.isNaN(Date.parse(value)), TIME_MESSAGE),
  v.transform((value) => new Date(value).toISOString()),
);

/** The error for a wrong field that only the procedure can detect. */
export function invalidInput(path: string, message: string): AppError {
  return new AppError("invalid_input", `${path}: ${message}`, { issues: [{ path, message }] });
}
