/** A place in one stream: which life of the log, and how far. Offsets are 1, 2, 3 … without gaps; 0 is before the first. */
export interface Position {
  /** Random id of the database's life; it changes when a backup is restored. */
  readonly epoch: string;
  readonly offset: number;
}

const POSITION_PATTERN = /^([A-Za-z0-9_-]{1,32})\.(0|[1-9][0-9]{0,15})$/;

/** Writes a position as it stands on the wire, `epoch.offset`: tRPC tracked id, SSE id, `lastEventId`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}.${position.offset}`;
}

/** Reads `epoch.offset`; null when the text is not a position. */
export function parsePosition(text: string): Position | null {
  const match = POSITION_PATTERN.exec(text);
  if (match === null) return null;
  const offset = Number(match[2]);
  return Number.isSafeInteger(offset) ? { epoch: match[1] as string, offset } : null;
}
