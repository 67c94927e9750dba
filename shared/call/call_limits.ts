/**
 * Limits and times of calls. They are not in `shared/limits.ts`, because the first view loads all of that file.
 */

/** How long a call rings. */
export const RING_MS = 45_000;
/** A device in another call shows a second ring for this long, then says that its person is busy. */
export const BUSY_AFTER_MS = 20_000;
/** A participant leaves when it has had no stream for this long. */
export const CALL_LEASE_MS = 30_000;
/** The payload of a signal. */
export const SIGNAL_MAX_BYTES = 32 * 1024;
/** How many people one call can ring when it starts. */
export const RING_MAX_COUNT = 10;
