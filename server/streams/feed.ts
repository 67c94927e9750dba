import type { Commit, Database } from "../kv/database.ts";
import type { PointerRow, StreamPointer } from "../kv/pointer_rows.ts";
import type { StreamTypes } from "./stream_kind.ts";

/** New events of a stream, in order, after their commit. */
export interface CommittedNotice<T extends StreamTypes = StreamTypes> {
  readonly type: "committed";
  /** Name of the stream's kind. */
  readonly kind: string;
  readonly streamId: T["id"];
  /** Oldest first, without gaps. */
  readonly events: readonly T["event"][];
  /** Number of messages in the stream after the last of `events`. */
  readonly messageCount: number;
  /** True if the next commit of the stream follows at once, so delivery may wait for it. */
  readonly isMoreComing?: boolean;
}

/** A change in storage. It is sent as part of the commit of the change, so it cannot get lost. */
export interface StoredChange {
  readonly type: string;
}

/** What the feed needs to know about each type of change. */
export type ChangeTypes<Change extends StoredChange> = {
  readonly [Type in Change["type"]]: {
    /** True if the change contains the state itself, so that the last change must win on every instance. */
    readonly hasState: boolean;
  };
};

/** A signal as stored in a row; its other fields depend on the signal's definition. */
export interface SignalRow {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A signal. It may get lost with the instance that sends it; the next one corrects that. */
export interface SignalNotice {
  readonly type: "signal";
  readonly row: SignalRow;
}

/** A change outside streams, after its commit. */
export interface ChangedNotice<Change extends StoredChange = StoredChange> {
  readonly type: "changed";
  readonly change: Change;
}

/** Everything that a feed delivers. */
export type Notice<Change extends StoredChange = StoredChange> =
  | CommittedNotice
  | ChangedNotice<Change>
  | SignalNotice;

/** One row of the feed between instances. Its key ends with the versionstamp of its commit. */
export type FeedRow =
  & {
    /** Instance that wrote it. */
    readonly from: string;
  }
  & (PointerRow | { readonly notices: readonly (StoredChange | SignalRow)[] });

/** Rows that a feed puts into the commit of an append. */
export interface FeedRows {
  readonly sets: readonly (readonly [key: Deno.KvKey, value: unknown])[];
  readonly stamped: readonly (readonly [prefix: Deno.KvKey, value: unknown])[];
}

/** Returns a commit with rows of the feed added. */
export function withRows(commit: Commit, rows: FeedRows): Commit {
  return { ...commit, sets: [...commit.sets ?? [], ...rows.sets], stamped: rows.stamped };
}

/** `cache` drops outdated values, `view` updates from caches, `deliver` sends to users. */
export type FeedStage = "cache" | "view" | "deliver";

/** Delivers notices to the parts of this instance and to all other instances. */
export interface Feed<Change extends StoredChange = StoredChange> {
  /** True if other instances write to the same database: memory may be slightly behind storage. */
  readonly isShared: boolean;
  /** Delivers a notice, to this instance synchronously. Call it after the commit. */
  publish(notice: CommittedNotice | SignalNotice): void;
  /**
   * Delivers a signal for one tab, to this instance synchronously and to others at once, in a row of its own that is
   * deleted soon. Signals that one caller awaits arrive in order. Rejects if storage does not answer.
   */
  relay(signal: SignalRow): Promise<void>;
  /**
   * Commits a change and delivers it; returns the versionstamp, or null if a check failed. `onCommitted` runs before
   * the delivery.
   */
  commit(
    db: Database,
    commit: Commit,
    changes: readonly Change[],
    onCommitted?: (versionstamp: string) => void,
  ): Promise<string | null>;
  /** Returns the rows for the commit of an append; null if there are no other instances. */
  rowsFor(pointer: StreamPointer): FeedRows | null;
  /**
   * Calls `handler` with every notice, in order, until the returned function is called. Earlier stages are called
   * first. Handlers must not throw.
   */
  subscribe(stage: FeedStage, handler: (notice: Notice<Change>) => void): () => void;
}
