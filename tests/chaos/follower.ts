import { createTRPCClient, httpSubscriptionLink, wsLink } from "@trpc/client";
import type { RoomId } from "../../shared/ids.ts";
import type { AppRouter } from "../../server/router.ts";
import { eventSourceOver } from "../support/event_source.ts";
import type { SeededPerson } from "../support/seed.ts";
import type { Client } from "../support/test_clients.ts";
import { pause } from "../support/wait.ts";
import { call } from "./caller.ts";
import type { History } from "./history.ts";
import { RoamingDevice } from "./roaming_device.ts";
import type { Door } from "./roaming_device.ts";

const RESUBSCRIBE_MS = 300;
const LONG_POLL_MS = 3_000;

/** Who follows which room. */
export interface FollowerOptions {
  readonly person: SeededPerson;
  readonly roomId: RoomId;
  readonly doors: readonly Door[];
  readonly address: string;
  readonly first: number;
  readonly history: History;
}

/** Somebody who reads along: knows how far, and can be ended. */
export interface Follower {
  readonly name: string;
  readonly roomId: RoomId;
  /** Offset of the newest event seen. */
  readonly offset: number;
  stop(): Promise<void>;
}

/** Follows a room by the stock subscription, and begins another where that one ended for good. */
export class SubscribedFollower implements Follower {
  readonly name: string;
  readonly roomId: RoomId;
  offset = 0;
  readonly #options: FollowerOptions;
  readonly #device: RoamingDevice;
  readonly #api: Client;
  #position: string | null = null;
  #subscription: { unsubscribe(): void } | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isStopped = false;

  constructor(options: FollowerOptions, transport: "ws" | "sse") {
    const { person, roomId, doors, address, first } = options;
    this.#options = options;
    this.roomId = roomId;
    this.name = `${person.name} (${transport})`;
    this.#device = new RoamingDevice(doors, { address, token: person.token ?? "", first });
    this.#api = createTRPCClient<AppRouter>({
      links: [
        transport === "ws" ? wsLink({ client: this.#device.wsClient() }) : httpSubscriptionLink({
          url: `${this.#device.origin}/trpc`,
          EventSource: eventSourceOver(this.#device.fetch),
        }),
      ],
    });
    this.#subscribe();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#subscription?.unsubscribe();
    return this.#device[Symbol.asyncDispose]();
  }

  #subscribe(): void {
    const { roomId, history } = this.#options;
    const input = { roomId, ...(this.#position === null ? {} : { lastEventId: this.#position }) };
    let isOver = false;
    const over = (text: string) => {
      if (isOver || this.#isStopped) return;
      isOver = true;
      history.record({ type: "note", client: this.name, text });
      // What storage refused (it is away) is not tried again by the stock client.
      this.#timer = setTimeout(() => {
        this.#subscription?.unsubscribe();
        this.#device.move();
        this.#subscribe();
      }, RESUBSCRIBE_MS);
    };
    this.#subscription = this.#api.messages.onEvent.subscribe(input, {
      onData: ({ id, data }) => {
        if (isOver || this.#isStopped) return;
        this.#position = id;
        this.offset = data.offset;
        history.record({
          type: "event",
          client: this.name,
          roomId,
          offset: data.offset,
          event: data.type,
          ...(data.type === "message_sent"
            ? { by: data.by, clientMessageId: data.message.clientMessageId, text: data.message.text }
            : {}),
        });
      },
      onError: (error) => over(`The subscription failed: ${error.message}`),
      onComplete: () => over("The subscription ended"),
    });
  }
}

/** Follows a room by asking again and again what came since. */
export class PollingFollower implements Follower {
  readonly name: string;
  readonly roomId: RoomId;
  offset = 0;
  readonly #options: FollowerOptions;
  readonly #device: RoamingDevice;
  readonly #done: Promise<void>;
  #isStopped = false;

  constructor(options: FollowerOptions) {
    const { person, roomId, doors, address, first } = options;
    this.#options = options;
    this.roomId = roomId;
    this.name = `${person.name} (polls)`;
    this.#device = new RoamingDevice(doors, { address, token: person.token ?? "", first });
    this.#done = this.#run(this.#device.client("http"));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    await this.#device[Symbol.asyncDispose]();
  }

  async #run(api: Client): Promise<void> {
    const { roomId, history, person } = this.#options;
    let position: string | null = null;
    while (!this.#isStopped) {
      if (position === null) {
        position = await api.messages.list.query({ roomId, limit: 1 }).then(
          (page) => page.position,
          () => null,
        );
        if (position === null) await pause(RESUBSCRIBE_MS);
        continue;
      }
      const from: string = position;
      const outcome = await call(
        history,
        {
          name: "since",
          client: this.name,
          person: person.id,
          roomId,
          instance: this.#device.instance,
          offset: offsetOf(from),
        },
        () => api.messages.since.query({ roomId, position: from, waitMs: LONG_POLL_MS }),
        (answer) => ({
          head: offsetOf(answer.position),
          offsets: answer.events.map(({ offset }) => offset),
          resync: answer.resync,
        }),
      );
      if (outcome.type !== "ok") {
        await pause(outcome.retryAfterMs);
        continue;
      }
      position = outcome.value.position;
      this.offset = offsetOf(position);
      // A balancer without a memory.
      this.#device.move();
    }
  }
}

function offsetOf(position: string): number {
  return Number(position.split(".")[1]);
}
