import type { UserId } from "../../shared/ids.ts";
import { applyPresence, EMPTY_PICTURE, statesOf } from "../../shared/presence.ts";
import type {
  PresencePicture,
  PresenceState,
  PresenceStatus,
  PresenceUpdate,
} from "../../shared/presence.ts";
import type { Role } from "../../shared/user.ts";
import type { Change } from "../../server/changes.ts";
import { KvDatabase } from "../../server/kv/kv_database.ts";
import { Log } from "../../server/log.ts";
import type { Neighbours } from "../../server/presence/guest_audiences.ts";
import { PresenceStore } from "../../server/presence/presence_store.ts";
import { Hub } from "../../server/streams/hub.ts";
import { LocalFeed } from "../../server/streams/local_feed.ts";
import { Signals } from "../../server/streams/signals.ts";
import { SIGNALS } from "../../shared/signals.ts";
import { vi } from "vitest";
import { RecordingConnection } from "./recording_connection.ts";

/** One `presence.onPresence` subscription on WebSocket, down to its frames. */
export interface PresenceReaderKit {
  readonly connection: RecordingConnection;
  /** Updates in the order of the frames. */
  updates(): PresenceUpdate[];
  /** What a client knows after them. */
  picture(): PresencePicture;
  statusOf(userId: UserId): PresenceStatus;
  abort(): void;
  /** Resolves with the error that ended the subscription, or undefined. */
  readonly ended: Promise<unknown>;
}

/** The states that an update contains. */
export function statesIn(update: PresenceUpdate): PresenceState[] {
  return update.type === "diff" ? update.states : [...statesOf(update).values()];
}

/** A presence store over real parts; time only moves through `advance`. */
export class PresenceKit {
  readonly hub = new Hub();
  readonly feed = new LocalFeed<Change>();
  readonly signals = new Signals({ feed: this.feed, hub: this.hub, signals: [SIGNALS.presence] });
  readonly db: KvDatabase;
  /** People are members unless listed here; null means deactivated. */
  readonly roles = new Map<UserId, Role | null>();
  /** The people that guests may see. */
  readonly neighbours = new Map<UserId, Neighbours>();
  /** Lookups of neighbours wait for it, then return what was there when they began. */
  lookupGate: Promise<void> = Promise.resolve();
  /** The same for lookups of roles. */
  roleGate: Promise<void> = Promise.resolve();
  readonly #readers: { abort: () => void; ended: Promise<unknown> }[] = [];
  #store: PresenceStore | null = null;

  private constructor(db: KvDatabase) {
    this.db = db;
  }

  /** Opens the store with fake timers; dispose the kit at the end of the test. */
  static async open(): Promise<PresenceKit> {
    vi.useFakeTimers();
    const kit = new PresenceKit(new KvDatabase(await Deno.openKv(":memory:")));
    await kit.restart();
    return kit;
  }

  /** The store under test. */
  get store(): PresenceStore {
    if (this.#store === null) throw new Error("The kit is not open");
    return this.#store;
  }

  /** Forgets everything in memory, like a new process. */
  async restart(): Promise<void> {
    this.#store?.close();
    this.#store = await PresenceStore.open({
      db: this.db,
      feed: this.feed,
      hub: this.hub,
      signals: this.signals,
      log: new Log({ level: "error", format: "text" }),
      now: Date.now,
      roleOf: async (userId) => {
        const role = this.roles.has(userId) ? this.roles.get(userId) ?? null : "member";
        await this.roleGate;
        return role;
      },
      neighboursOf: async (userId) => {
        const found = this.neighbours.get(userId) ?? { roomIds: new Set(), userIds: new Set([userId]) };
        await this.lookupGate;
        return found;
      },
    });
  }

  /** Advances time and runs everything that becomes due. */
  async advance(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  /** A device connects and says that its person is there. */
  device(userId: UserId, status: "online" | "away" = "online"): RecordingConnection {
    const connection = new RecordingConnection();
    this.say(connection, userId, status);
    return connection;
  }

  /** A device reports a new status. */
  say(connection: RecordingConnection, userId: UserId, status: "online" | "away"): void {
    this.store.hold({ userId, connection, key: "unused" }, status);
  }

  /** Subscribes like the router, and encodes frames like the stock adapter. */
  reader(userId: UserId, id = 1, connection = new RecordingConnection()): PresenceReaderKit {
    const controller = new AbortController();
    const encoder = this.hub.encoder();
    const run = async () => {
      const stream = this.signals.read(SIGNALS.presence, {
        userId,
        key: "unused",
        connection,
        signal: controller.signal,
      });
      for await (const data of stream) {
        if (encoder.encode({ id, result: { type: "data", data } }) !== "") throw new Error("Not attached");
      }
    };
    const ended = run().then(() => undefined, (error: unknown) => error);
    this.#readers.push({ abort: () => controller.abort(), ended });
    const updates = () =>
      connection.payloads.map((payload) => (payload as { result: { data: PresenceUpdate } }).result.data);
    const picture = () => updates().reduce(applyPresence, EMPTY_PICTURE);
    return {
      connection,
      updates,
      picture,
      abort: () => controller.abort(),
      statusOf: (other) => picture().states.get(other)?.status ?? "offline",
      ended,
    };
  }

  /** Reads like `rooms.onChange` does without a WebSocket. Returns a function to stop. */
  watch(userId: UserId, push: (update: PresenceUpdate) => void, signals = this.signals): () => void {
    const controller = new AbortController();
    const ended = signals.pipe(SIGNALS.presence, {
      userId,
      key: "unused",
      connection: null,
      signal: controller.signal,
    }, {
      isSlow: false,
      write(items) {
        for (const { value } of items) push(value as PresenceUpdate);
        return true;
      },
      drained: () => Promise.resolve(),
    });
    this.#readers.push({ abort: () => controller.abort(), ended });
    return () => controller.abort();
  }

  /** Closes everything and restores real timers. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const reader of this.#readers) reader.abort();
    await Promise.all(this.#readers.map((reader) => reader.ended));
    this.store.close();
    vi.useRealTimers();
    await this.db.close();
  }
}
