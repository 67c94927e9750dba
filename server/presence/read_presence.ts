import type { UserId } from "../../shared/ids.ts";
import type { PresenceUpdate } from "../../shared/presence.ts";
import type { Connection } from "../net/connection.ts";
import type { Hub } from "../streams/hub.ts";
import { GapError } from "../streams/sink.ts";
import { VIEW_CHANGED } from "./presence_store.ts";
import type { PresenceStore } from "./presence_store.ts";

/** Who reads, and how. */
export interface PresenceReader {
  readonly presence: PresenceStore;
  readonly hub: Hub;
  readonly userId: UserId;
  /** Null over HTTP. */
  readonly connection: Connection | null;
  readonly signal: AbortSignal;
}

/** Yields a snapshot and then diffs, without a gap, until the signal aborts. */
export async function* readPresence(reader: PresenceReader): AsyncGenerator<PresenceUpdate> {
  const { presence, hub, userId, connection, signal } = reader;
  while (!signal.aborted) {
    const view = await presence.openView(userId);
    // Opened before the snapshot is made: what changes in between comes after it.
    const subscription = hub.open<PresenceUpdate>({ topic: view.topic, userId, connection, signal });
    try {
      const snapshot = view.snapshot();
      return yield* subscription.live(snapshot.offset, [snapshot]);
    } catch (error) {
      // A reader that was too slow, or may see others now, begins again with a snapshot.
      if (!(error instanceof GapError) && error !== VIEW_CHANGED) throw error;
    } finally {
      subscription.release();
      presence.closeView(userId, view);
    }
  }
}
