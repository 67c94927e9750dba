import type { TypingUpdate } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { GapError } from "../streams/sink.ts";
import type { Subscription } from "../streams/subscription.ts";
import type { TypingStore } from "./typing_store.ts";

/** Yields who types in a room now, then who starts and stops, until the subscription ends. */
export async function* readTyping(
  typing: TypingStore,
  subscription: Subscription<TypingUpdate>,
  roomId: RoomId,
): AsyncGenerator<TypingUpdate> {
  for (;;) {
    const { items, offset } = typing.typersOf(roomId, subscription.userId);
    try {
      return yield* subscription.live(offset, items);
    } catch (error) {
      // A reader that went without some begins again with who types now; who has stopped it drops by itself.
      if (!(error instanceof GapError)) throw error;
    }
  }
}
