import type { Role } from "../../shared/user.ts";

/** Says whether a role runs the place. */
export function isAdmin(role: Role): boolean {
  return role === "owner" || role === "admin";
}
