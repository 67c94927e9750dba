import type { Item } from "./frames.ts";

/** Where the items of one subscription go, whatever the transport is. */
export interface Sink {
  /** True while the reader is slow; it goes without what is ephemeral. */
  readonly isSlow: boolean;
  /**
   * Takes items in order; false when the reader is too far behind and they were not taken. `batch` holds what other
   * sinks have encoded of the very same items; null when nobody else gets them.
   */
  write(items: readonly Item[], batch: EncodedBatch | null): boolean;
  /** Resolves when the reader is no longer slow, or gone. */
  drained(): Promise<void>;
}

/** Bytes of one batch of items, by the form in which they are sent. */
export type EncodedBatch = Map<string, Uint8Array>;

/** Counters of the hub since its start. */
export interface HubStats {
  /** Items written to a socket or queue, one for each subscription. */
  deliveries: number;
  /** Buffers of frames made; the fewer a delivery, the better. */
  encodes: number;
  /** Writes to sockets. */
  writes: number;
  /** Ephemeral items that a slow reader went without. */
  skipped: number;
}

/** The hub no longer has what lies between the reader and now: read history again, then go live again. */
export class GapError extends Error {
  /** Makes the error; it never reaches a client. */
  constructor() {
    super("The hub no longer holds what was published since");
    this.name = "GapError";
  }
}
