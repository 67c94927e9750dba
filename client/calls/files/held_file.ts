import type { SyncFile } from "./stored_file.ts";

/** A page that has just gone lets go of its files within this time; longer is another tab. */
export const HELD_TOLD_MS = 3_000;
/** How often is tried again before that, and after it. */
const GONE_RETRY_MS = 50;
const HELD_RETRY_MS = 1_000;

// Not the one of net/: what the worker shares with pages becomes a file of its own, which the first view waits for.
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A file that is ours alone. */
export interface AcquiredFile {
  readonly handle: SyncFile;
  /** Whether somebody else had it before, who may have stored something. */
  readonly wasHeld: boolean;
}

/** Options of `acquireFile`. */
export interface AcquireOptions {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Somebody has held the file for `HELD_TOLD_MS`. */
  readonly onHeld: () => void;
  /** Milliseconds of a clock that does not run backwards. */
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * Opens a file by `open` as soon as nobody else holds it; null if nobody waits any more. The handle is a lock that ends
 * with its page, if a little later: a Web Lock beside it would be free before the file is.
 */
export async function acquireFile(
  open: () => Promise<SyncFile>,
  { signal, onHeld, now = () => performance.now(), wait = pause }: AcquireOptions,
): Promise<AcquiredFile | null> {
  const since = now();
  let isTold = false;
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      return { handle: await open(), wasHeld: tries > 0 };
    } catch (error) {
      if (!isHeld(error)) throw error;
    }
    if (!isTold && now() - since >= HELD_TOLD_MS) {
      isTold = true;
      onHeld();
    }
    await wait(isTold ? HELD_RETRY_MS : GONE_RETRY_MS);
  }
  return null;
}

/** Whether a file cannot be opened or deleted because somebody else has it open. */
export function isHeld(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NoModificationAllowedError";
}
