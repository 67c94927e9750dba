import type { TypingUpdate } from "../../shared/signals.ts";
import type { RoomId } from "../../shared/ids.ts";

/** What typing needs of the server; `api.trpc.typing` fits. */
export interface TypingApi {
  readonly set: { mutate(input: { roomId: RoomId; isTyping: boolean }): Promise<unknown> };
  readonly onTyping: {
    subscribe(
      input: { roomId: RoomId },
      handlers: { onData: (update: TypingUpdate) => void; onError?: (error: unknown) => void },
    ): { unsubscribe(): void };
  };
}
