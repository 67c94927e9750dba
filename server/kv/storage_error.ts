import { AppError } from "../../shared/errors.ts";

/** When a client may try again after storage has failed. */
const RETRY_AFTER_MS = 2_000;

/** A call to storage that did not end in time. What it asked for may still happen. */
export class CallTimeout extends AppError {
  /** Settles when the call has ended after all; null when nothing is held up by it any more. */
  readonly work: Promise<unknown> | null;

  /** Makes the error that clients see as `storage_unavailable`. */
  constructor(work: Promise<unknown> | null = null) {
    super("storage_unavailable", "Storage did not answer in time", { retryAfterMs: RETRY_AFTER_MS });
    this.work = work;
  }
}

/** Turns what KV throws into an error that says whether there is room, and that it may be tried again. */
export function asStorageError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const isFull = /disk is full|no space left/i.test(text);
  return isFull
    ? new AppError("storage_full", "Storage is full", { retryAfterMs: RETRY_AFTER_MS, cause })
    : new AppError("storage_unavailable", "Storage is not available", {
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    });
}

/** True when KV refused a call by its arguments (a value too large, say) and did nothing. */
export function isRefusedUnread(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof TypeError;
}
