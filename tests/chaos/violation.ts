import type { Entry } from "./history.ts";

/** Ways to break a promise. `late` is delivery or an answer that does not come; `complaint` is the server's own. */
export type ViolationKind =
  | "lost"
  | "doubled"
  | "unexpected"
  | "reordered"
  | "stale"
  | "late"
  | "miscounted"
  | "diverged"
  | "complaint";

/** A promise that was broken, and the lines of the history that show it. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly what: string;
  readonly entries: readonly Entry[];
}
