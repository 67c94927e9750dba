import { worstOf } from "../../../shared/status/states.ts";
import type { MeasuredState } from "../../../shared/status/states.ts";
import { DAY_MS } from "../../../shared/status/uptime.ts";
import type { StatusId } from "../../../shared/ids.ts";

/** A failure of one component, as this process has seen it since it was written last. */
export interface Failure {
  /** The last state that was not good. */
  readonly state: MeasuredState;
  /** Epoch time in milliseconds of the first failed probe. */
  readonly from: number;
  /** When it worked again; null while it fails. */
  readonly until: number | null;
  /** How often it began. */
  readonly count: number;
}

/** What is stored of the failures that one draft tells of. */
export interface DraftRow {
  readonly draftId: StatusId;
  readonly state: MeasuredState;
  readonly worst: MeasuredState;
  readonly from: number;
  readonly until: number | null;
  readonly count: number;
}

/** What decides about the draft of one component. */
export interface DraftFacts {
  readonly row: DraftRow | null;
  /** False where somebody has published the draft, or deleted it. */
  readonly isUnpublished: boolean;
  readonly failure: Failure | null;
  readonly isWorking: boolean;
  /** Whether the page tells of this component already, by an open incident or running maintenance. */
  readonly isCovered: boolean;
  /** Epoch time in milliseconds. */
  readonly now: number;
}

/** What to do with the draft of one component. */
export type DraftStep =
  | { readonly type: "keep" }
  | { readonly type: "create"; readonly row: Omit<DraftRow, "draftId"> }
  | { readonly type: "change"; readonly draftId: StatusId; readonly row: Omit<DraftRow, "draftId"> }
  | { readonly type: "forget" };

const KEEP: DraftStep = { type: "keep" };
const FORGET: DraftStep = { type: "forget" };

/** Decides about a draft: one for each component, which further failures change until a person has dealt with it. */
export function draftStep({ row, isUnpublished, failure, isWorking, isCovered, now }: DraftFacts): DraftStep {
  // What is over and told of needs no draft any more.
  const isDone = isUnpublished && isCovered;
  if (row !== null && failure === null) {
    // This process saw no failure, but an earlier one or another instance did.
    if (row.until !== null) return isDone || now - row.until > DAY_MS ? FORGET : KEEP;
    if (!isWorking) return KEEP;
    if (isDone || !isUnpublished) return FORGET;
    return { type: "change", draftId: row.draftId, row: { ...row, until: now } };
  }
  if (failure === null) return KEEP;
  const { state, from, until, count } = failure;
  const create: DraftStep = isCovered
    ? KEEP
    : { type: "create", row: { state, worst: state, from, until, count: Math.max(1, count) } };
  if (row === null) return create;
  if (!isUnpublished) {
    // Somebody has dealt with the failure that is still going on.
    if (row.until === null) return until === null ? KEEP : FORGET;
    return create;
  }
  if (isDone && until !== null) return FORGET;
  const worst = worstOf([row.worst, state]) ?? state;
  const next = { state, worst, from: row.from, until, count: row.count + count };
  const isSame = next.state === row.state && next.worst === row.worst && next.until === row.until &&
    count === 0;
  return isSame ? KEEP : { type: "change", draftId: row.draftId, row: next };
}
