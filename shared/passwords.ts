import { COMMON_PASSWORDS } from "./common_passwords.ts";
import { PASSWORD_MAX_CHARACTERS } from "./limits.ts";
import { countCodePoints } from "./message.ts";
import { passwordMinCharacters } from "./password_length.ts";
import type { Role } from "./user.ts";

/** What else a password must differ from. */
export interface PasswordUse {
  readonly role: Role;
  /** Names that an attacker would try: the person's own and the workspace's. */
  readonly names: readonly string[];
}

const PRODUCT_NAME = "parley";
/** Attackers vary digits and punctuation at the ends first. */
const ENDS_PATTERN = /^[\p{N}\p{P}\p{S}\s]+|(?<![\p{N}\p{P}\p{S}\s])[\p{N}\p{P}\p{S}\s]+$/gu;
const REPEATED_PATTERN = /^(.{1,4})\1+.{0,3}$/su;
const ROWS = [
  "01234567890",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiop",
  "qwertzuiop",
  "asdfghjkl",
  "zxcvbnm",
];

/** Normalizes a password before hashing, so that all keyboards produce the same bytes. */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/** Returns what is wrong with a new password, or null if it may be used. Expects a normalized one. */
export function findPasswordProblem(password: string, use: PasswordUse): string | null {
  const characters = countCodePoints(password);
  const min = passwordMinCharacters(use.role);
  if (characters < min) return `Password must be at least ${min} characters, got ${characters}`;
  if (characters > PASSWORD_MAX_CHARACTERS) {
    return `Password must be at most ${PASSWORD_MAX_CHARACTERS} characters, got ${characters}`;
  }
  if (!password.isWellFormed()) {
    return "Password must be well-formed Unicode: it has half a surrogate pair";
  }
  const lower = password.toLowerCase();
  const core = lower.replace(ENDS_PATTERN, "");
  if (COMMON_PASSWORDS.has(lower) || COMMON_PASSWORDS.has(core)) {
    return "Password must not be a common one";
  }
  if (isSimpleRun(lower)) return "Password must not be a simple sequence or repetition";
  for (const name of [PRODUCT_NAME, ...use.names.map((text) => normalizePassword(text).toLowerCase())]) {
    if (lower === name || (core !== "" && core === name.replace(ENDS_PATTERN, ""))) {
      return "Password must not be a name, even with digits or punctuation around it";
    }
  }
  return null;
}

function isSimpleRun(text: string): boolean {
  if (REPEATED_PATTERN.test(text)) return true;
  const backwards = [...text].reverse().join("");
  return ROWS.some((row) => {
    const endless = row.repeat(Math.ceil(text.length / row.length) + 1);
    return endless.includes(text) || endless.includes(backwards);
  });
}
