/** Pointers of this kind do not name it, because rows of the feed were first written when there was no other kind. */
const FIRST_KIND = "room";

/** What an append tells other instances: the place of the new events, never their contents. */
export interface StreamPointer {
  /** Name of the stream's kind. */
  readonly kind: string;
  readonly streamId: string;
  readonly from: number;
  readonly to: number;
  readonly messageCount: number;
}

interface FirstKindRow {
  readonly pointer: Omit<StreamPointer, "kind" | "streamId"> & { readonly roomId: string };
}

interface AnyKindRow {
  readonly notices: readonly [];
  readonly appended: StreamPointer;
}

/**
 * A pointer as stored in a feed row. During an update, several versions use one database: pointers of rooms look as
 * they always did, and those of other kinds look like a row without notices to an older version.
 */
export type PointerRow = FirstKindRow | AnyKindRow;

/** Encodes a pointer for a feed row. */
export function toPointerRow(pointer: StreamPointer): PointerRow {
  const { kind, streamId, from, to, messageCount } = pointer;
  if (kind !== FIRST_KIND) return { notices: [], appended: pointer };
  return { pointer: { roomId: streamId, from, to, messageCount } };
}

/** Decodes the pointer of a row; null if the row is not a pointer. */
export function fromPointerRow(row: PointerRow | { readonly notices: unknown }): StreamPointer | null {
  if ("appended" in row) return row.appended;
  if (!("pointer" in row)) return null;
  const { roomId: streamId, from, to, messageCount } = row.pointer;
  return { kind: FIRST_KIND, streamId, from, to, messageCount };
}
