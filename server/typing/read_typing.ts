import type { TypingUpdate } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { GapError } from "../streams/subscription.ts";
import type { TopicLease } from "../streams/topic_lease.ts";
import type { TypingStore } from "./typing_store.ts";

/** Yields who types in a room now, then who starts and stops, until the lease ends. */
export async function* readTyping(
  typing: TypingStore,
  lease: TopicLease<TypingUpdate>,
  roomId: RoomId,
): AsyncGenerator<TypingUpdate> {
  for (;;) {
    const { items, offset } = typing.typersOf(roomId, lease.userId);
    try {
      return yield* lease.live(offset, items);
    } catch (error) {
      // A reader that went without some begins again with who types now; who has stopped it drops by itself.
      if (!(error instanceof GapError)) throw error;
    }
  }
}
