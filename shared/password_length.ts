import { PASSWORD_MIN_CHARACTERS, PASSWORD_MIN_CHARACTERS_ADMIN } from "./limits.ts";
import type { Role } from "./user.ts";

/** Returns the minimum length of a password. Browsers load this without the list of common passwords. */
export function passwordMinCharacters(role: Role): number {
  return role === "owner" || role === "admin" ? PASSWORD_MIN_CHARACTERS_ADMIN : PASSWORD_MIN_CHARACTERS;
}
