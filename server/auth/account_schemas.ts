import * as v from "valibot";
import {
  NAME_MAX_CHARACTERS,
  PASSWORD_MAX_CHARACTERS,
  TOKEN_LABEL_MAX_CHARACTERS,
  WORKSPACE_NAME_MAX_CHARACTERS,
} from "../../shared/limits.ts";
import { countSeenCharacters } from "../../shared/names.ts";
import { nameSchemaOf } from "../rpc/input_schemas.ts";

/** Longer than any name or secret in use; anything longer is rejected without a lookup. */
const RAW_MAX_LENGTH = 2_000;
const NAME_MESSAGE = `Must be a name of 1 to ${NAME_MAX_CHARACTERS} characters`;
const WORKSPACE_NAME_MESSAGE = `Must be a name of 1 to ${WORKSPACE_NAME_MAX_CHARACTERS} characters`;
const PASSWORD_MESSAGE = `Must be a password of at most ${PASSWORD_MAX_CHARACTERS} characters`;
const SECRET_MESSAGE = "Must be the part of the link after #";
const LABEL_MESSAGE = `Must be a text of 1 to ${TOKEN_LABEL_MAX_CHARACTERS} characters`;

/** The new name of a person or bot; the output is normalized. */
export const nameSchema = nameSchemaOf(NAME_MESSAGE, NAME_MAX_CHARACTERS);

/** The name of the workspace; the output is normalized. */
export const workspaceNameSchema = nameSchemaOf(WORKSPACE_NAME_MESSAGE, WORKSPACE_NAME_MAX_CHARACTERS);

/** A name to sign in with. Accepts anything, so that an invalid name gets the same answer as an unknown one. */
export const loginNameSchema = v.pipe(v.string(NAME_MESSAGE), v.maxLength(RAW_MAX_LENGTH, NAME_MESSAGE));

/** A password. The minimum length of a new one depends on the role. */
export const passwordSchema = v.pipe(
  v.string(PASSWORD_MESSAGE),
  v.maxLength(RAW_MAX_LENGTH, PASSWORD_MESSAGE),
);

/**
 * An invite code or the token of a link. Accepts anything, so that an invalid one gets the same answer as an
 * unknown one.
 */
export const secretSchema = v.pipe(v.string(SECRET_MESSAGE), v.maxLength(RAW_MAX_LENGTH, SECRET_MESSAGE));

/** What a token is for, as described by its maker. */
export const labelSchema = v.pipe(
  v.string(LABEL_MESSAGE),
  v.maxLength(RAW_MAX_LENGTH, LABEL_MESSAGE),
  v.transform((label) => label.normalize("NFKC").trim()),
  v.check(
    (label) =>
      label !== "" && countSeenCharacters(label) <= TOKEN_LABEL_MAX_CHARACTERS && label.isWellFormed() &&
      !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(label),
    LABEL_MESSAGE,
  ),
);
