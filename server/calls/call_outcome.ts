import type { UserId } from "../../shared/ids.ts";

/** Whom a call rang for, to be told if nobody came. */
export interface CallOutcome {
  readonly rang: readonly UserId[];
  /** Those of them who declined; the last answer of a person counts. */
  readonly declined: readonly UserId[];
}

/** A call; what began under an earlier version has no outcome, and gets none. */
interface WithOutcome {
  readonly outcome?: CallOutcome;
}

/** A call that has rung for nobody. */
export const NOBODY_CALLED: CallOutcome = { rang: [], declined: [] };
/** Maximum number of people whom `call_ended` names for each of these. */
const NAMED_MAX_COUNT = 100;

/** Notes that a call rings for people. */
export function withCalled<Call extends WithOutcome>(call: Call, userIds: readonly UserId[]): Call {
  if (call.outcome === undefined) return call;
  const declined = call.outcome.declined.filter((userId) => !userIds.includes(userId));
  return { ...call, outcome: { rang: union(call.outcome.rang, userIds), declined } };
}

/** Notes that people have declined a call. */
export function withDeclined<Call extends WithOutcome>(call: Call, userIds: readonly UserId[]): Call {
  if (call.outcome === undefined) return call;
  const { rang, declined } = call.outcome;
  return { ...call, outcome: { rang, declined: union(declined, userIds) } };
}

function union(before: readonly UserId[], userIds: readonly UserId[]): readonly UserId[] {
  return [...new Set([...before, ...userIds])].slice(0, NAMED_MAX_COUNT);
}
