import { AppError } from "../../shared/errors.ts";

/** How long clients should wait after storage has failed. */
const RETRY_AFTER_MS = 2_000;

/** A storage call that timed out. Its effect may still happen. */
export class CallTimeout extends AppError {
  /** Settles when the call has ended after all; null if it holds up nothing any more. */
  readonly work: Promise<unknown> | null;

  /** Clients see it as `storage_unavailable`. */
  constructor(work: Promise<unknown> | null = null) {
    super("storage_unavailable", "Storage did not answer in time", { retryAfterMs: RETRY_AFTER_MS });
    this.work = work;
  }
}

/** The error of calls that need storage which has not answered since the start. */
export function storageAbsent(): AppError {
  return new AppError("storage_unavailable", "The server waits for its storage", {
    retryAfterMs: RETRY_AFTER_MS,
  });
}

/** Turns an exception of KV into a retryable error that says whether storage is full. */
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

/** Whether an error says that storage cannot be used now. */
export function isStorageError(error: unknown): error is AppError {
  return error instanceof AppError &&
    (error.appCode === "storage_unavailable" || error.appCode === "storage_full");
}

/** Whether KV refused a call because of its arguments, such as an oversized value, and did nothing. */
export function isRefusedUnread(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof TypeError;
}
