import type { RoomEvent, RoomEventBody } from "../../../shared/event.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import { AppError } from "../../../shared/errors.ts";
import type { AppErrorCode } from "../../../shared/errors.ts";
import type { Message } from "../../../shared/message.ts";
import type { RoomRole } from "../../../shared/room.ts";
import type { MessageChange } from "../../../server/messages/reactions.ts";
import type { MessagesOptions } from "../../../client/timeline/messages_model.ts";
import type { Inputs, Trpc } from "../../../client/net/trpc.ts";
import { sentMessage } from "../../support/sent_message.ts";

export const ROOM = "room000000000001" as RoomId;
export const ANA = "userana000000001" as UserId;
export const BEN = "userben000000001" as UserId;

/** Makes a message; `offset` is all that must be said. */
export function messageAt(offset: number, fields: Partial<Message> = {}): Message {
  return sentMessage({
    roomId: ROOM,
    offset,
    by: BEN,
    at: new Date(Date.UTC(2026, 10, 2, 9, 0, offset)).toISOString(),
    text: `text ${offset}`,
    clientMessageId: `c${offset}`,
    ...fields,
  });
}

interface Subscriber {
  readonly handlers: Parameters<Trpc["messages"]["onEvent"]["subscribe"]>[1];
}

/** One room as the contract describes it, in memory: log, current state, list, since and onEvent. */
export class RoomInMemory {
  epoch = "e1";
  readonly log: RoomEvent[] = [];
  readonly messages = new Map<number, Message>();
  readonly subscribers = new Set<Subscriber>();
  /** While set, every call fails as if the connection were gone, or with this code. */
  failure: "network" | AppError | null = null;
  /** Called before each answer to `list`, to let something happen on its way. */
  beforeAnswer: () => void | Promise<void> = () => {};
  /** Live events wait here until `deliver`, when held. */
  isHeld = false;
  readonly held: RoomEvent[] = [];
  calls: { name: string; input: unknown }[] = [];

  get head(): number {
    return this.log.length;
  }

  post(text: string, fields: Partial<Message> = {}): Message {
    const offset = this.head + 1;
    const message = messageAt(offset, { text, ...fields });
    this.messages.set(offset, message);
    this.#append(message.by, { type: "message_sent", messageOffset: offset, message });
    return message;
  }

  edit(offset: number, text: string): Message {
    return this.#change(offset, { type: "message_edited" }, { text, editedAt: "2026-11-02T10:00:00.000Z" });
  }

  delete(offset: number): Message {
    return this.#change(offset, { type: "message_deleted" }, {
      text: "",
      deletedAt: "2026-11-02T10:00:00.000Z",
      reactions: [],
    });
  }

  react(offset: number, emoji: string, userIds: UserId[]): Message {
    const reaction = { emoji, userId: ANA, on: userIds.length > 0 };
    const reactions = reaction.on ? [{ emoji, userIds }] : [];
    return this.#change(offset, { type: "reaction_changed", reaction }, { reactions });
  }

  join(userId: UserId): void {
    this.#append(userId, { type: "member_joined", userId, role: "member" });
  }

  changeRole(userId: UserId, role: RoomRole): void {
    this.#append(ANA, { type: "member_role_changed", userId, role });
  }

  /** Delivers an event to who is subscribed, again or late if the test wants. */
  deliver(event: RoomEvent): void {
    const data = "message" in event ? { ...event, message: this.#message(event.messageOffset) } : event;
    for (const { handlers } of [...this.subscribers]) {
      handlers.onData?.({ id: `${this.epoch}.${event.offset}`, data });
    }
  }

  resync(): void {
    for (const { handlers } of [...this.subscribers]) {
      const data = { type: "resync_required", offset: this.head } as const;
      handlers.onData?.({ id: `${this.epoch}.${this.head}`, data });
    }
  }

  end(code: AppErrorCode): void {
    for (const subscriber of [...this.subscribers]) {
      this.subscribers.delete(subscriber);
      subscriber.handlers.onError?.(new AppError(code, "Ended"));
    }
  }

  readonly api: MessagesOptions["api"] = {
    list: { query: (input) => this.#call("list", input, () => this.#list(input)) },
    since: {
      query: (input) =>
        this.#call("since", input, () => {
          const after = Number(input.position.split(".")[1]);
          const events = this.log.slice(after).map((event) => this.#current(event));
          return { events, position: `${this.epoch}.${this.head}`, resync: false };
        }),
    },
    send: {
      mutate: (input) =>
        this.#call("send", input, () => {
          const known = [...this.messages.values()].find((message) =>
            message.clientMessageId === input.clientMessageId
          );
          const { text, clientMessageId, replyTo = null } = input;
          return known ?? this.post(text, { by: ANA, clientMessageId, replyTo });
        }),
    },
    edit: { mutate: (input) => this.#call("edit", input, () => this.edit(input.offset, input.text)) },
    delete: { mutate: (input) => this.#call("delete", input, () => this.delete(input.offset)) },
    react: {
      mutate: (input) =>
        this.#call("react", input, () => this.react(input.offset, input.emoji, input.on ? [ANA] : [])),
    },
    onEvent: {
      subscribe: (input, handlers) => {
        this.calls.push({ name: "onEvent", input });
        const subscriber = { handlers };
        this.subscribers.add(subscriber);
        const after = Number(input.lastEventId?.split(".")[1] ?? this.head);
        queueMicrotask(() => {
          if (!this.subscribers.has(subscriber)) return;
          for (const event of this.log.slice(after)) {
            handlers.onData?.({ id: `${this.epoch}.${event.offset}`, data: this.#current(event) });
          }
        });
        return { unsubscribe: () => this.subscribers.delete(subscriber) };
      },
    },
  };

  callsOf(name: string): unknown[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.input);
  }

  async #call<T>(name: string, input: unknown, work: () => T): Promise<T> {
    this.calls.push({ name, input });
    await Promise.resolve();
    if (this.failure === "network") throw new Error("WebSocket closed");
    if (this.failure !== null) throw this.failure;
    const answer = work();
    if (name === "list") await this.beforeAnswer();
    return answer;
  }

  #list(input: Inputs["messages"]["list"]) {
    const all = [...this.messages.values()].sort((a, b) => a.offset - b.offset);
    const limit = input.limit ?? 50;
    const [from, to] = pageRange(all.map((message) => message.offset), { ...input, limit });
    return {
      messages: all.slice(from, to),
      hasOlder: from > 0,
      hasNewer: to < all.length,
      position: `${this.epoch}.${this.head}`,
    };
  }

  #append(by: UserId, body: RoomEventBody): void {
    const offset = this.head + 1;
    const event: RoomEvent = { offset, at: messageAt(offset).at, by, ...body };
    this.log.push(event);
    if (this.isHeld) this.held.push(event);
    else this.deliver(event);
  }

  #change(offset: number, what: MessageChange, change: Partial<Message>) {
    const message = { ...this.#message(offset), ...change };
    this.messages.set(offset, message);
    this.#append(message.by, { ...what, messageOffset: offset, message });
    return message;
  }

  #message(offset: number): Message {
    const message = this.messages.get(offset);
    if (message === undefined) throw new AppError("not_found", "Message does not exist");
    return message;
  }

  #current(event: RoomEvent): RoomEvent {
    return "message" in event ? { ...event, message: this.#message(event.messageOffset) } : event;
  }
}

function pageRange(
  offsets: readonly number[],
  place: Inputs["messages"]["list"] & { limit: number },
): [number, number] {
  const { before, after, around, limit } = place;
  if (after !== undefined) {
    const from = offsets.findIndex((offset) => offset > after);
    return from < 0 ? [offsets.length, offsets.length] : [from, Math.min(offsets.length, from + limit)];
  }
  if (around !== undefined) {
    const at = offsets.findIndex((offset) => offset >= around);
    const from = Math.max(0, (at < 0 ? offsets.length : at) - Math.floor(limit / 2));
    return [from, Math.min(offsets.length, from + limit)];
  }
  const to = before === undefined ? offsets.length : offsets.filter((offset) => offset < before).length;
  return [Math.max(0, to - limit), to];
}
