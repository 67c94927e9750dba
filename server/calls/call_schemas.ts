import * as v from "valibot";
import { RING_MAX_COUNT, SIGNAL_MAX_BYTES } from "../../shared/call/call_limits.ts";
import { FILE_MAX_BYTES } from "../../shared/call/file_message.ts";
import { FILES_MAX_COUNT } from "../../shared/call/file_transfer.ts";
import {
  booleanSchema,
  callIdSchema,
  participantIdSchema,
  tabIdSchema,
  userIdSchema,
  wholeNumberSchema,
} from "../rpc/input_schemas.ts";

const NUMBER_MAX = 2 ** 31 - 1;
const NUMBER_MESSAGE = `Must be a whole number from 0 to ${NUMBER_MAX}`;
const PAYLOAD_MESSAGE = `Must be printable ASCII of at most ${SIGNAL_MAX_BYTES} characters`;
const KIND_MESSAGE = 'Must be "offer", "answer", "candidates", "restart" or "bye"';
const FILE_MESSAGE = `Must be a whole number from 0 to ${FILE_MAX_BYTES}`;
/** Longer than any name; it is cut to what file systems take. */
const FILE_NAME_MAX_LENGTH = 1_000;
const FILE_NAME_MESSAGE = `Must be text of at most ${FILE_NAME_MAX_LENGTH} characters`;
const FILES_MESSAGE = `Must be a list of 1 to ${FILES_MAX_COUNT} files`;
const RING_MESSAGE = `Must be a list of up to ${RING_MAX_COUNT} ids`;

const numberSchema = wholeNumberSchema(NUMBER_MESSAGE, 0, NUMBER_MAX);
/** The device is named by its session and this tab. */
const tab = { tabId: tabIdSchema };
/** Input of procedures about a call. */
export const callInput = v.strictObject({ ...tab, callId: callIdSchema });

/** Input of `iceServers`; the id is null outside of calls. */
export const iceServersInput = v.strictObject({ callId: v.nullable(callIdSchema) });

/** What somebody starts or joins with. */
const joiningMediaSchema = v.strictObject({ mic: booleanSchema, cam: booleanSchema });

const fileEntries = {
  name: v.pipe(v.string(FILE_NAME_MESSAGE), v.maxLength(FILE_NAME_MAX_LENGTH, FILE_NAME_MESSAGE)),
  bytes: wholeNumberSchema(FILE_MESSAGE, 0, FILE_MAX_BYTES),
};

/** Input of `start`, without the room. */
export const startEntries = {
  ...tab,
  media: joiningMediaSchema,
  ring: v.optional(
    v.pipe(v.array(userIdSchema, RING_MESSAGE), v.maxLength(RING_MAX_COUNT, RING_MESSAGE)),
    [],
  ),
  purpose: v.optional(v.literal("files", 'Must be "files"')),
  files: v.optional(
    v.pipe(
      v.array(v.strictObject(fileEntries), FILES_MESSAGE),
      v.minLength(1, FILES_MESSAGE),
      v.maxLength(FILES_MAX_COUNT, FILES_MESSAGE),
    ),
  ),
};

/** Input of `accept` and `join`. */
export const enterInput = v.strictObject({ ...callInput.entries, media: joiningMediaSchema });

/** Input of `ring`. */
export const ringInput = v.strictObject({ ...callInput.entries, userId: userIdSchema });

/** Input of `decline`. */
export const declineInput = v.strictObject({
  ...callInput.entries,
  reason: v.picklist(["declined", "busy"], 'Must be "declined" or "busy"'),
});

/** Input of `media`. */
export const mediaInput = v.strictObject({
  ...callInput.entries,
  mic: booleanSchema,
  cam: booleanSchema,
  screen: booleanSchema,
  screenAudio: booleanSchema,
  hand: booleanSchema,
  /** The last revision of the call that the device knows; without it, it is taken to know the newest. */
  revision: v.optional(numberSchema, NUMBER_MAX),
});

/** Input of `moderate`. */
export const moderateInput = v.strictObject({
  ...callInput.entries,
  participantId: participantIdSchema,
  action: v.picklist(["mute", "remove"], 'Must be "mute" or "remove"'),
});

/** Input of `signal`. */
export const signalInput = v.strictObject({
  ...callInput.entries,
  to: participantIdSchema,
  epoch: numberSchema,
  seq: numberSchema,
  kind: v.picklist(["offer", "answer", "candidates", "restart", "bye"], KIND_MESSAGE),
  payload: v.pipe(
    v.string(PAYLOAD_MESSAGE),
    v.maxLength(SIGNAL_MAX_BYTES, PAYLOAD_MESSAGE),
    v.regex(/^[ -~]*$/, PAYLOAD_MESSAGE),
  ),
});

/** Input of `fileDone`. */
export const fileDoneInput = v.strictObject({
  ...callInput.entries,
  from: participantIdSchema,
  ...fileEntries,
});
