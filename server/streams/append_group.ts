import { COMMIT_MAX_BYTES, COMMIT_MAX_KEY_BYTES, COMMIT_MAX_MUTATION_COUNT } from "../kv/database.ts";
import type { Commit } from "../kv/database.ts";
import type { Appended, AppendRequest, Built, Slot, StreamHead } from "./event_log.ts";
import type { StreamKind, StreamTypes } from "./stream_kind.ts";

/** Events of one stream in one commit. */
export const GROUP_MAX_COUNT = 100;
/** Bytes of a row besides its texts, such as field names and numbers. */
const ROW_OVERHEAD_BYTES = 160;
/** Upper bound for the key of a head or an event. */
const HEAD_KEY_BYTES = 128;

/** A head and the versionstamp of its row; null if the stream has no events. */
export interface CachedHead extends StreamHead {
  readonly versionstamp: string | null;
}

/** An append request in the queue of its stream. */
export interface Waiting<T extends StreamTypes> {
  readonly request: AppendRequest<T, null>;
  /** The account it counts for; "" for requests of the server itself. */
  readonly accountId: string;
  readonly resolve: (appended: Appended<T> | null) => void;
  readonly reject: (error: unknown) => void;
  /** When it was queued, in ms of the monotonic clock. */
  readonly queuedAt: number;
  attempts: number;
}

/** Append requests of one stream that share a commit. */
export interface AppendGroup<T extends StreamTypes> {
  readonly members: readonly { readonly waiting: Waiting<T>; readonly event: T["event"] }[];
  readonly commit: Commit;
  /** Upper bounds for the rows with their keys, and for the keys alone. */
  readonly sizeBytes: number;
  readonly keyBytes: number;
  /** The head after the commit. */
  readonly head: StreamHead;
  /** Requests that did not fit, in order. */
  readonly left: Waiting<T>[];
}

/** Input of `assembleGroup`. */
export interface GroupOptions<T extends StreamTypes> {
  readonly kind: StreamKind<T>;
  readonly streamId: T["id"];
  readonly head: CachedHead;
  readonly batch: readonly Waiting<T>[];
  /** Whether the dedupe rows were read after the head, so that the check of the head covers them. */
  readonly isRead: boolean;
  /** Whether this instance knows all events up to the head. */
  readonly isCaughtUp: boolean;
  readonly maxCheckCount: number;
  readonly now: () => number;
}

/** Builds as many requests as fit into one commit, each for its slot; settles those that append nothing. */
export async function assembleGroup<T extends StreamTypes>(
  options: GroupOptions<T>,
): Promise<AppendGroup<T>> {
  const { kind, streamId, head, batch, isRead, isCaughtUp, maxCheckCount, now } = options;
  const headKey = kind.keys.head(streamId);
  const members: { waiting: Waiting<T>; event: T["event"] }[] = [];
  const left: Waiting<T>[] = [];
  const checks: Deno.AtomicCheck[] = [{ key: headKey, versionstamp: head.versionstamp }];
  const sets: (readonly [Deno.KvKey, unknown])[] = [];
  const deletes: Deno.KvKey[] = [];
  const taken = new Set<string>();
  let { offset, messageCount } = head;
  let sizeBytes = 0;
  let keyBytes = HEAD_KEY_BYTES;
  let isFull = false;
  // One time per commit. The clock may step back; the order of the log does not depend on it.
  const at = new Date(now()).toISOString();

  for (const waiting of batch) {
    const { request } = waiting;
    const marks = batch.length > 1 ? marksOf(request) : [];
    if (isFull || marks.some((mark) => taken.has(mark))) {
      left.push(waiting);
      continue;
    }
    const built = await build(waiting, { offset: offset + 1, ordinal: messageCount + 1, at, isCaughtUp });
    if (built === null) continue;
    // Checks that requests share are made once.
    const added = (built.checks ?? []).filter((check) => !checks.includes(check));
    if (!isRead && request.dedupeKey !== undefined) {
      added.push({ key: request.dedupeKey, versionstamp: null });
    }
    const size = sizeOf(request, built);
    const mutationCount = sets.length + deletes.length + (built.sets?.length ?? 0) +
      (built.deletes?.length ?? 0);
    const isOver = checks.length + added.length > maxCheckCount ||
      sizeBytes + size.rows > COMMIT_MAX_BYTES || keyBytes + size.keys > COMMIT_MAX_KEY_BYTES ||
      mutationCount > COMMIT_MAX_MUTATION_COUNT;
    if (isOver && members.length > 0) {
      // No later request overtakes it, so messages of one person stay in order.
      isFull = true;
      left.push(waiting);
      continue;
    }
    offset++;
    if (built.countsAsMessage) messageCount++;
    sizeBytes += size.rows;
    keyBytes += size.keys;
    for (const mark of marks) taken.add(mark);
    checks.push(...added);
    if (request.dedupeKey !== undefined) sets.push([request.dedupeKey, { offset }]);
    const place = { offset, at, by: request.by };
    sets.push([kind.keys.row(streamId, offset), kind.toRow(built.body, place)], ...built.sets ?? []);
    deletes.push(...built.deletes ?? []);
    members.push({ waiting, event: kind.toEvent(built.body, place) });
  }
  const after = { offset, messageCount };
  sets.push([headKey, after]);
  return { members, left, head: after, commit: { checks, sets, deletes }, sizeBytes, keyBytes };
}

async function build<T extends StreamTypes>(waiting: Waiting<T>, slot: Slot): Promise<Built<T> | null> {
  try {
    const building = waiting.request.build(slot);
    const built = building instanceof Promise ? await building : building;
    if (built === null) waiting.resolve(null);
    return built;
  } catch (error) {
    waiting.reject(error);
    return null;
  }
}

function marksOf(request: AppendRequest<StreamTypes, null>): string[] {
  const marks = (request.targets ?? []).map((target) => `target ${target}`);
  if (request.dedupeKey !== undefined) marks.push(`dedupe ${JSON.stringify(request.dedupeKey)}`);
  return marks;
}

/** Upper bounds for the bytes that a request adds to a commit; a UTF-16 code unit takes at most 3. */
function sizeOf(
  request: AppendRequest<StreamTypes, null>,
  { sets = [], deletes = [] }: Built<StreamTypes>,
): { rows: number; keys: number } {
  let keys = HEAD_KEY_BYTES + textSize(request.dedupeKey);
  for (const [key] of sets) keys += textSize(key);
  for (const key of deletes) keys += textSize(key);
  let rows = keys + (2 + sets.length + deletes.length) * ROW_OVERHEAD_BYTES;
  for (const [, value] of sets) rows += textSize(value);
  return { rows, keys };
}

function textSize(value: unknown): number {
  if (typeof value === "string") return 3 * value.length;
  if (typeof value !== "object" || value === null) return 8;
  let size = 0;
  for (const part of Object.values(value)) size += textSize(part);
  return size;
}
