import { COMMIT_MAX_BYTES, COMMIT_MAX_KEY_BYTES, COMMIT_MAX_MUTATION_COUNT } from "./database.ts";
import type { Commit } from "./database.ts";

/** Limits of one commit, by the kind of storage. */
export interface CommitLimits {
  readonly maxCheckCount: number;
  readonly maxPartCount: number;
  /** Maximum number of commits at a time. */
  readonly maxInFlightCount: number;
}

/** Rows that are written atomically; other parts may share the commit. */
export interface CommitPart {
  readonly commit: Commit;
  /** Upper bounds for its values with their keys, and for the keys alone. */
  readonly sizeBytes: number;
  readonly keyBytes: number;
  /** Whether it is a retry, which commits alone so that it cannot make others fail again. */
  readonly isAlone: boolean;
}

/** The contents of a commit so far. */
export class CommitLoad {
  readonly #limits: CommitLimits;
  readonly #checks = new Set<Deno.AtomicCheck>();
  readonly #checkedIds = new Set<string>();
  readonly #writtenIds = new Set<string>();
  #partCount = 0;
  #mutationCount = 0;
  #sizeBytes = 0;
  #keyBytes = 0;
  #isClosed = false;

  /** Starts empty. */
  constructor(limits: CommitLimits) {
    this.#limits = limits;
  }

  /** Adds a part if it fits; the first always does. */
  take(part: CommitPart): boolean {
    if (this.#isClosed) return false;
    const checks = checksOf(part);
    const checked = checks.map(({ key }) => idOf(key));
    const written = writtenKeys(part).map(idOf);
    if (this.#partCount > 0 && !(this.#fits(part, written.length) && this.#isApart(checked, written))) {
      return false;
    }
    this.#partCount++;
    this.#mutationCount += written.length;
    this.#sizeBytes += part.sizeBytes;
    this.#keyBytes += part.keyBytes;
    for (const check of checks) this.#checks.add(check);
    for (const id of checked) this.#checkedIds.add(id);
    for (const id of written) this.#writtenIds.add(id);
    this.#isClosed = part.isAlone || this.#partCount >= this.#limits.maxPartCount;
    return true;
  }

  #fits(part: CommitPart, mutationCount: number): boolean {
    if (part.isAlone) return false;
    const added = checksOf(part).filter((check) => !this.#checks.has(check)).length;
    return this.#checks.size + added <= this.#limits.maxCheckCount &&
      this.#mutationCount + mutationCount <= COMMIT_MAX_MUTATION_COUNT &&
      this.#sizeBytes + part.sizeBytes <= COMMIT_MAX_BYTES &&
      this.#keyBytes + part.keyBytes <= COMMIT_MAX_KEY_BYTES;
  }

  /** Checks are made before any write, so no part may write a row that another part checks. */
  #isApart(checked: readonly string[], written: readonly string[]): boolean {
    return !checked.some((id) => this.#writtenIds.has(id)) &&
      !written.some((id) => this.#writtenIds.has(id) || this.#checkedIds.has(id));
  }
}

/** Returns the commit that writes all parts. */
export function merge(parts: readonly CommitPart[]): Commit {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first.commit;
  const commits = parts.map(({ commit }) => commit);
  return {
    // Checks that parts share are made once.
    checks: [...new Set(commits.flatMap(({ checks = [] }) => checks))],
    sets: commits.flatMap(({ sets = [] }) => sets),
    deletes: commits.flatMap(({ deletes = [] }) => deletes),
  };
}

/** Returns the checks of a part. */
export function checksOf({ commit }: CommitPart): readonly Deno.AtomicCheck[] {
  return commit.checks ?? [];
}

function writtenKeys({ commit }: CommitPart): Deno.KvKey[] {
  return [...(commit.sets ?? []).map(([key]) => key), ...commit.deletes ?? []];
}

/** If two keys happen to have the same id, their parts only go into different commits. */
export function idOf(key: Deno.KvKey): string {
  return key.join(" ");
}
