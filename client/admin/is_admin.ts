import type { Role } from "../../shared/user.ts";

/** Whether a role is owner or admin. */
export function isAdmin(role: Role): boolean {
  return role === "owner" || role === "admin";
}
