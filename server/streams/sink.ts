import type { Item } from "./frames.ts";

/** Receives the items of one subscription, for any transport. */
export interface Sink {
  /** True while the reader is slow; ephemeral items are then skipped. */
  readonly isSlow: boolean;
  /**
   * Writes items in order; returns false if the reader is too far behind to take them. `batch` holds the encodings
   * of the same items by other sinks; null if no other sink gets them.
   */
  write(items: readonly Item[], batch: EncodedBatch | null): boolean;
  /** Resolves when the reader is no longer slow, or is gone. */
  drained(): Promise<void>;
}

/** Encoded bytes of one batch of items, by format. */
export type EncodedBatch = Map<string, Uint8Array>;

/** Counters of the hub since its start. */
export interface HubStats {
  /** Items written to sockets or queues, counted per subscription. */
  deliveries: number;
  /** Encoded buffers of frames. */
  encodes: number;
  /** Writes to sockets. */
  writes: number;
  /** Ephemeral items that slow readers missed. */
  skipped: number;
}

/** The hub no longer holds all items since the reader's position: read history again, then go live. */
export class GapError extends Error {
  /** The message is never sent to clients. */
  constructor() {
    super("The hub no longer holds what was published since");
    this.name = "GapError";
  }
}
