import { createTRPCClient, httpSubscriptionLink, TRPCClientError, wsLink } from "@trpc/client";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import { keys } from "../../server/kv/keys.ts";
import { openDatabase } from "../../server/kv/open_database.ts";
import type { MessageRow } from "../../server/messages/message_rows.ts";
import type { AppRouter } from "../../server/router.ts";
import type { RoomEventRow } from "../../server/rooms/room_stream.ts";
import type { StreamHead } from "../../server/streams/event_log.ts";
import { eventSourceOver } from "../support/event_source.ts";
import { Device } from "../support/test_clients.ts";
import { pause } from "../support/wait.ts";

/** A message that a writer wants to have in a room, and what it knows of it. */
export interface Attempt {
  readonly by: UserId;
  readonly roomId: RoomId;
  readonly clientMessageId: string;
  readonly text: string;
  /** How often its connection broke while it waited for the answer. */
  cuts: number;
  acknowledged: Message | null;
}

/** Sends one message after the other by a stock client, each until it is acknowledged. */
export class Writer {
  readonly attempts: Attempt[] = [];
  readonly #device: CountingDevice;
  readonly #by: UserId;
  readonly #roomIds: readonly RoomId[];
  #isStopping = false;
  readonly #done: Promise<void>;
  #waitingCount = 0;

  constructor(device: CountingDevice, by: UserId, roomIds: readonly RoomId[]) {
    this.#device = device;
    this.#by = by;
    this.#roomIds = roomIds;
    this.#done = this.#run();
  }

  /** True while an answer is outstanding. */
  get isWaiting(): boolean {
    return this.#waitingCount > 0;
  }

  /** Resolves when everything that was begun is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: this.#device.wsClient() })] });
    while (!this.#isStopping) {
      // Two at a time, so that a commit may hold several of one sender.
      await Promise.all([this.#next(), this.#next()].map(async (attempt) => {
        const { roomId, clientMessageId, text } = attempt;
        while (attempt.acknowledged === null) {
          try {
            this.#waitingCount++;
            attempt.acknowledged = await client.messages.send.mutate({ roomId, clientMessageId, text })
              .finally(() => this.#waitingCount--);
          } catch (error) {
            const retryAfterMs = retryAfter(error);
            if (retryAfterMs === 0) attempt.cuts++;
            await pause(retryAfterMs);
          }
        }
      }));
    }
  }

  #next(): Attempt {
    const number = this.attempts.length;
    const roomId = this.#roomIds[number % this.#roomIds.length] as RoomId;
    const attempt: Attempt = {
      by: this.#by,
      roomId,
      clientMessageId: `n${number}`,
      text: `${this.#by} ${number}`,
      cuts: 0,
      acknowledged: null,
    };
    this.attempts.push(attempt);
    return attempt;
  }
}

/** How long to wait before the same is sent again: 0 when the connection broke. */
function retryAfter(error: unknown): number {
  if (!(error instanceof TRPCClientError)) throw error;
  if (error.data === undefined || error.data === null) return 0;
  if (error.data.appCode === "rate_limited") return Number(error.data.retryAfterMs);
  throw error;
}

/** A device that counts its connections. */
export class CountingDevice extends Device {
  /** How many WebSockets have been opened. */
  openCount = 0;

  override dial(url?: string): ReturnType<Device["dial"]> {
    const socket = super.dial(url);
    socket.on("open", () => void this.openCount++);
    return socket;
  }
}

/** Follows a room by one stock subscription, which has to go on by itself whatever happens. */
export class Reader {
  readonly roomId: RoomId;
  readonly events: (RoomEvent | StreamControl)[] = [];
  readonly errors: unknown[] = [];
  readonly #subscription: { unsubscribe(): void };

  constructor(device: Device, roomId: RoomId, transport: "ws" | "sse") {
    this.roomId = roomId;
    const client = createTRPCClient<AppRouter>({
      links: [
        transport === "ws" ? wsLink({ client: device.wsClient() }) : httpSubscriptionLink({
          url: `${device.origin}/trpc`,
          EventSource: eventSourceOver(device.fetch),
        }),
      ],
    });
    this.#subscription = client.messages.onEvent.subscribe({ roomId }, {
      onData: ({ data }) => void this.events.push(data),
      onError: (error) => void this.errors.push(error),
    });
  }

  /** Offset of the newest event; 0 before the first. */
  get offset(): number {
    return this.events.at(-1)?.offset ?? 0;
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}

/** Everything that is stored of a room. */
export interface StoredRoom {
  readonly head: StreamHead;
  /** Offsets of the log's rows, in order. */
  readonly offsets: readonly number[];
  readonly events: readonly RoomEventRow[];
  readonly messages: ReadonlyMap<number, MessageRow>;
  readonly dedupeCount: number;
}

/** Reads rooms straight from the file, which no server may have open. */
export async function readStored(
  dataDir: string,
  roomIds: readonly RoomId[],
): Promise<Map<RoomId, StoredRoom>> {
  const { db, close } = await openDatabase(dataDir);
  const limit = 1_000_000;
  const rooms = new Map<RoomId, StoredRoom>();
  for (const roomId of roomIds) {
    const head = (await db.get<StreamHead>(keys.streamHead(roomId))).value;
    const events = await db.list<RoomEventRow>(keys.events(roomId), { limit });
    const messages = await db.list<MessageRow>(keys.messages(roomId), { limit });
    const dedupes = await db.list(["dedupe", roomId], { limit });
    rooms.set(roomId, {
      head: head ?? { offset: 0, messageCount: 0 },
      offsets: events.map(({ key }) => Number(key.at(-1))),
      events: events.map(({ value }) => value),
      messages: new Map(messages.map(({ key, value }) => [Number(key.at(-1)), value])),
      dedupeCount: dedupes.length,
    });
  }
  await close();
  return rooms;
}
