import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";

/** One page of messages, oldest first. */
export interface MessagePage {
  readonly messages: Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** The room's head when the page was read. */
  readonly position: string;
}

/** What `messages.list` takes: at most one of `before`, `after`, `around`. */
export interface ListInput {
  readonly roomId: RoomId;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit?: number;
}

/** What one item of `messages.onEvent` holds. */
export interface TrackedEvent {
  /** Position, `epoch.offset`. */
  readonly id: string;
  readonly data: RoomEvent | StreamControl;
}

/** What a subscriber is told. */
export interface SubscriptionHandlers<T> {
  readonly onData: (item: T) => void;
  readonly onError?: (error: unknown) => void;
}

/** A running subscription. */
export interface Subscription {
  unsubscribe(): void;
}

interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** What the messages need of the server; `api.trpc.messages` fits. */
export interface MessagesApi {
  readonly list: { query(input: ListInput, options?: RequestOptions): Promise<MessagePage> };
  readonly since: {
    query(
      input: { roomId: RoomId; position: string; waitMs?: number },
      options?: RequestOptions,
    ): Promise<{ events: RoomEvent[]; position: string; resync: boolean }>;
  };
  readonly send: {
    mutate(
      input: { roomId: RoomId; clientMessageId: string; text: string; replyTo?: number },
    ): Promise<Message>;
  };
  readonly edit: { mutate(input: { roomId: RoomId; offset: number; text: string }): Promise<Message> };
  readonly delete: { mutate(input: { roomId: RoomId; offset: number }): Promise<Message> };
  readonly react: {
    mutate(input: { roomId: RoomId; offset: number; emoji: string; on: boolean }): Promise<Message>;
  };
  readonly onEvent: {
    subscribe(
      input: { roomId: RoomId; lastEventId?: string },
      handlers: SubscriptionHandlers<TrackedEvent>,
    ): Subscription;
  };
}
