/** A position in a stream: the epoch of the log, and an offset. Offsets are 1, 2, 3 … without gaps; 0 is the start. */
export interface Position {
  /** Random id of the database's history; it changes when a backup is restored. */
  readonly epoch: string;
  readonly offset: number;
}

const POSITION_PATTERN = /^([A-Za-z0-9_-]{1,32})\.(0|[1-9][0-9]{0,15})$/;

/** Formats a position as `epoch.offset`, which is the tRPC tracked id, the SSE id and `lastEventId`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}.${position.offset}`;
}

/** Parses `epoch.offset`; null if the text is not a position. */
export function parsePosition(text: string): Position | null {
  const match = POSITION_PATTERN.exec(text);
  if (match === null) return null;
  const offset = Number(match[2]);
  return Number.isSafeInteger(offset) ? { epoch: match[1] as string, offset } : null;
}
