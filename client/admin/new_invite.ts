import { INVITE_DEFAULT_MS, INVITE_DEFAULT_USE_COUNT } from "../../shared/limits.ts";
import type { NewInvite } from "./admin_model.ts";

const DAY_MS = 86_400_000;

/** Lifetimes that the form offers. */
export const INVITE_DAYS: readonly number[] = [1, 7, 30];
/** Numbers of uses that the form offers. */
export const INVITE_USES: readonly number[] = [1, 10, 100];

/** The defaults: ten members, one week. */
export const STANDARD_INVITE: NewInvite = {
  role: "member",
  maxUses: INVITE_DEFAULT_USE_COUNT,
  expiresInMs: INVITE_DEFAULT_MS,
};

/** Converts days for the API. */
export function daysToMs(days: number): number {
  return days * DAY_MS;
}

/** Describes in one sentence whom a new link invites. */
export function describeInvite(invite: NewInvite): string {
  const uses = invite.maxUses ?? INVITE_DEFAULT_USE_COUNT;
  const days = Math.round((invite.expiresInMs ?? INVITE_DEFAULT_MS) / DAY_MS);
  const who = uses === 1 ? `one ${invite.role}` : `up to ${uses} ${invite.role}s`;
  const when = days === 1 ? "within 24 hours" : `within ${days} days`;
  return `Anyone with this link can join: ${who}, ${when}.`;
}
