import * as v from "valibot";
import { ROOM_NAME_MAX_CHARACTERS, TOPIC_MAX_CHARACTERS } from "../../shared/limits.ts";
import { countSeenCharacters } from "../../shared/names.ts";
import { nameSchemaOf } from "../rpc/input_schemas.ts";

/** Longer than any topic; longer input is refused without further checks. */
const RAW_MAX_LENGTH = 5_000;
const NAME_MESSAGE = `Must be a name of 1 to ${ROOM_NAME_MAX_CHARACTERS} characters`;
const TOPIC_MESSAGE = `Must be one line of at most ${TOPIC_MAX_CHARACTERS} characters`;
const QUERY_MESSAGE = `Must be text of at most ${ROOM_NAME_MAX_CHARACTERS} characters`;
const LEVEL_MESSAGE = 'Must be "all", "mentions" or "none"';
const UNSEEN_PATTERN = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** The name of a room, normalized. */
export const roomNameSchema = nameSchemaOf(NAME_MESSAGE, ROOM_NAME_MAX_CHARACTERS);

/** The topic of a room, on one line; "" removes it. */
export const topicSchema = v.pipe(
  v.string(TOPIC_MESSAGE),
  v.maxLength(RAW_MAX_LENGTH, TOPIC_MESSAGE),
  v.transform((topic) => topic.trim().normalize("NFC")),
  v.check(
    (topic) =>
      topic.isWellFormed() && !UNSEEN_PATTERN.test(topic) &&
      countSeenCharacters(topic) <= TOPIC_MAX_CHARACTERS,
    TOPIC_MESSAGE,
  ),
);

/** What a member wants to be notified of. */
export const levelSchema = v.picklist(["all", "mentions", "none"], LEVEL_MESSAGE);

/** Part of a room's name, to search for. */
export const roomQuerySchema = v.pipe(
  v.string(QUERY_MESSAGE),
  v.maxLength(ROOM_NAME_MAX_CHARACTERS, QUERY_MESSAGE),
);
