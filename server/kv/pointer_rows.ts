/** The kind whose pointers hold no kind: rows of the feed looked so before there was another. */
const FIRST_KIND = "room";

/** What an append says to other instances: where to look, never what was said. */
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
 * A pointer as it stands in a row of the feed. Versions of one database run side by side during an update: rooms are
 * written as they always were, and those of other kinds look to an older version like a row without notices.
 */
export type PointerRow = FirstKindRow | AnyKindRow;

/** Gives a pointer the form in which it stands in a row. */
export function toPointerRow(pointer: StreamPointer): PointerRow {
  const { kind, streamId, from, to, messageCount } = pointer;
  if (kind !== FIRST_KIND) return { notices: [], appended: pointer };
  return { pointer: { roomId: streamId, from, to, messageCount } };
}

/** Gives the pointer of a row; null for a row of another sort. */
export function fromPointerRow(row: PointerRow | { readonly notices: unknown }): StreamPointer | null {
  if ("appended" in row) return row.appended;
  if (!("pointer" in row)) return null;
  const { roomId: streamId, from, to, messageCount } = row.pointer;
  return { kind: FIRST_KIND, streamId, from, to, messageCount };
}
