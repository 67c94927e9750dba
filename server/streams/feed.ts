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
  /** How many messages the stream holds after the last of `events`. */
  readonly messageCount: number;
}

/** Says what has changed in storage. It travels in the commit of the change, so no change is unheard. */
export interface StoredChange {
  readonly type: string;
}

/** What the feed has to know of each type of change. */
export type ChangeTypes<Change extends StoredChange> = {
  readonly [Type in Change["type"]]: {
    /** True if a change carries the state itself: the last one of several instances has to win everywhere. */
    readonly hasState: boolean;
  };
};

/** A signal as it stands in a row; the rest goes by the signal's definition. */
export interface SignalRow {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What nobody stores: it may be lost with the instance that says it, and heals by itself. */
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

/** Adds rows of the feed to a commit. */
export function withRows(commit: Commit, rows: FeedRows): Commit {
  return { ...commit, sets: [...commit.sets ?? [], ...rows.sets], stamped: rows.stamped };
}

/** `cache` drops what is no longer true, `view` takes what is true now from caches, `deliver` tells people. */
export type FeedStage = "cache" | "view" | "deliver";

/** Carries notices between the parts of one instance and, where there are several, between instances. */
export interface Feed<Change extends StoredChange = StoredChange> {
  /** True where other instances write to the same database: what is in memory may be a little behind it. */
  readonly isShared: boolean;
  /** Tells everybody, this instance synchronously. Call it after the commit, never before. */
  publish(notice: CommittedNotice | SignalNotice): void;
  /**
   * Commits a change and tells everybody of it; gives the versionstamp, or null when a check did not hold.
   * `onCommitted` runs before anybody is told.
   */
  commit(
    db: Database,
    commit: Commit,
    changes: readonly Change[],
    onCommitted?: (versionstamp: string) => void,
  ): Promise<string | null>;
  /** Gives what has to stand in the commit of an append; null where no other instance listens. */
  rowsFor(pointer: StreamPointer): FeedRows | null;
  /**
   * Hears every notice in order until the returned function is called; earlier stages hear it before later ones. A
   * handler must not throw.
   */
  subscribe(stage: FeedStage, handler: (notice: Notice<Change>) => void): () => void;
}
