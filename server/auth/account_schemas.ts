import * as v from "valibot";
import {
  NAME_MAX_CHARACTERS,
  PASSWORD_MAX_CHARACTERS,
  TOKEN_LABEL_MAX_CHARACTERS,
  WORKSPACE_NAME_MAX_CHARACTERS,
} from "../../shared/limits.ts";
import { countSeenCharacters, findNameProblem, normalizeName } from "../../shared/names.ts";

/** Longer than any name or secret in use; what is longer is not even looked at. */
const RAW_MAX_LENGTH = 2_000;
const NAME_MESSAGE = `Must be a name of 1 to ${NAME_MAX_CHARACTERS} characters`;
const WORKSPACE_NAME_MESSAGE = `Must be a name of 1 to ${WORKSPACE_NAME_MAX_CHARACTERS} characters`;
const PASSWORD_MESSAGE = `Must be a password of at most ${PASSWORD_MAX_CHARACTERS} characters`;
const SECRET_MESSAGE = "Must be the part of the link after #";
const LABEL_MESSAGE = `Must be a text of 1 to ${TOKEN_LABEL_MAX_CHARACTERS} characters`;

function namePipe(message: string, maxCharacters: number) {
  return v.pipe(
    v.string(message),
    v.maxLength(RAW_MAX_LENGTH, message),
    v.transform(normalizeName),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? findNameProblem(dataset.value, maxCharacters) : null;
      if (problem !== null) addIssue({ message: problem });
    }),
  );
}

/** The name of a person or bot that is to be made or renamed; given back normalized. */
export const nameSchema = namePipe(NAME_MESSAGE, NAME_MAX_CHARACTERS);

/** The name of the workspace; given back normalized. */
export const workspaceNameSchema = namePipe(WORKSPACE_NAME_MESSAGE, WORKSPACE_NAME_MAX_CHARACTERS);

/** A name that somebody signs in with: anything that could be one, since a wrong one must look like an unknown one. */
export const loginNameSchema = v.pipe(v.string(NAME_MESSAGE), v.maxLength(RAW_MAX_LENGTH, NAME_MESSAGE));

/** A password; how long a new one has to be hangs on the role. */
export const passwordSchema = v.pipe(
  v.string(PASSWORD_MESSAGE),
  v.maxLength(RAW_MAX_LENGTH, PASSWORD_MESSAGE),
);

/** An invite code or a link's token; a wrong one must look like an unknown one. */
export const secretSchema = v.pipe(v.string(SECRET_MESSAGE), v.maxLength(RAW_MAX_LENGTH, SECRET_MESSAGE));

/** What a token is for, in the words of its maker. */
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
