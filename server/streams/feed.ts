import type { RoomId, SessionId, TokenId, UserId } from "../../shared/ids.ts";
import type { StatusText } from "../../shared/presence.ts";
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

/** Signed-in state ended. Both ids null means: all that this user has, tokens included. */
export interface SessionEndedNotice {
  readonly type: "session_ended";
  readonly userId: UserId;
  readonly sessionId: SessionId | null;
  readonly tokenId: TokenId | null;
  readonly reason: "ended" | "deactivated";
}

/** Says "look again" at something stored. It travels in the commit of the change, so it is heard if that happened. */
export type ChangeNotice =
  | SessionEndedNotice
  | { readonly type: "user_changed"; readonly userId: UserId }
  | { readonly type: "read_state_changed"; readonly userId: UserId; readonly roomId: RoomId }
  | { readonly type: "status_text_changed"; readonly userId: UserId; readonly statusText: StatusText };

const CHANGE_TYPES: Record<ChangeNotice["type"], true> = {
  session_ended: true,
  user_changed: true,
  read_state_changed: true,
  status_text_changed: true,
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

/** Tells what is stored from signals, which travel in rows of the same kind. */
export function isChange(row: ChangeNotice | SignalRow): row is ChangeNotice {
  return Object.hasOwn(CHANGE_TYPES, row.type);
}

/** What every instance has to hear of. */
export type Notice = CommittedNotice | ChangeNotice | SignalNotice;

/** One row of the feed between instances. Its key ends with the versionstamp of its commit. */
export type FeedRow =
  & {
    /** Instance that wrote it. */
    readonly from: string;
  }
  & (PointerRow | { readonly notices: readonly (ChangeNotice | SignalRow)[] });

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
export interface Feed {
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
    notices: readonly ChangeNotice[],
    onCommitted?: (versionstamp: string) => void,
  ): Promise<string | null>;
  /** Gives what has to stand in the commit of an append; null where no other instance listens. */
  rowsFor(pointer: StreamPointer): FeedRows | null;
  /**
   * Hears every notice in order until the returned function is called; earlier stages hear it before later ones. A
   * handler must not throw.
   */
  subscribe(stage: FeedStage, handler: (notice: Notice) => void): () => void;
}
