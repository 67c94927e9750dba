import { PASSWORD_MIN_CHARACTERS, PASSWORD_MIN_CHARACTERS_ADMIN } from "../../shared/limits.ts";
import { countCodePoints } from "../../shared/message.ts";
import type { Role } from "../../shared/user.ts";

/** Returns the minimum length of a password for a role. */
export function passwordMinimum(role: Role): number {
  return role === "owner" || role === "admin" ? PASSWORD_MIN_CHARACTERS_ADMIN : PASSWORD_MIN_CHARACTERS;
}

/** Returns why a password is too weak, or null. The server decides. */
export function findPasswordProblem(password: string, role: Role): string | null {
  const minimum = passwordMinimum(role);
  const length = countCodePoints(password);
  if (length >= minimum) return null;
  if (length === 0) return `Choose a password of at least ${minimum} characters`;
  return `At least ${minimum} characters: ${minimum - length} more needed`;
}
