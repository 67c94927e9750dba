import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Signal } from "../../shared/signal.ts";
import type { Role } from "../../shared/user.ts";
import type { Feed } from "../changes.ts";
import type { ActorRights } from "../auth/authorize.ts";
import type { Connection } from "../net/connection.ts";
import type { Hub } from "../streams/hub.ts";
import { followSignal } from "../streams/follow_signal.ts";
import { topicOf } from "../streams/signals.ts";
import type { Signals } from "../streams/signals.ts";
import type { Subscription } from "../streams/subscription.ts";
import type { RoomAccessStore } from "./room_access_store.ts";

export interface RoomReadersOptions {
  readonly hub: Hub;
  readonly feed: Feed;
  readonly signals: Signals;
  readonly access: RoomAccessStore;
  /** Reads the role of an account; null if it is missing or deactivated. */
  readonly roleOf: (userId: UserId) => Promise<Role | null>;
}

export interface ReadRoomOptions {
  readonly topic: string;
  readonly actor: ActorRights;
  readonly roomId: RoomId;
  /** Null over HTTP, and for long polls. */
  readonly connection: Connection | null;
  /** Skips items whose `by` is the reader. */
  readonly exceptOwn?: boolean;
  readonly signal: AbortSignal;
}

export type ReadSignalOptions = Omit<ReadRoomOptions, "topic" | "exceptOwn">;

/** A reader that follows a room, or waits for something in it, until `release`. */
export interface RoomReader<T> {
  readonly subscription: Subscription<T>;
  /** Throws unless the room may be read. Call it after `open`, and after every wait with the current actor. */
  authorize(actor: ActorRights): Promise<void>;
  release(): void;
}

interface Watched {
  readonly actor: ActorRights;
  readonly roomId: RoomId;
  readonly subscription: Subscription<unknown>;
}

/**
 * The only way to follow a room. Readers subscribe before their rights are checked, lose the room with the event
 * that removes them, and are checked again when their account changes.
 */
export class RoomReaders {
  readonly #options: RoomReadersOptions;
  readonly #byUser = new Map<UserId, Set<Watched>>();
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor(options: RoomReadersOptions) {
    this.#options = options;
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => {
      if (notice.type !== "changed" || notice.change.type !== "user_changed") return;
      void this.#checkRole(notice.change.userId);
    });
  }

  /** Opens a topic of a room. A reader who is removed while rights are read is revoked like all others. */
  open<T>(options: ReadRoomOptions): RoomReader<T> {
    const { actor, roomId, ...rest } = options;
    const subscription = this.#options.hub.open<T>({ ...rest, userId: actor.userId });
    const watched: Watched = { actor, roomId, subscription };
    this.#remember(watched);
    return {
      subscription,
      authorize: async (now) => {
        await this.#options.access.require(now, "room.read", roomId);
        subscription.throwIfRevoked();
      },
      release: () => {
        this.#forget(watched);
        subscription.release();
      },
    };
  }

  /** Yields a signal of a room, starting with its state; readers who missed some start over from the state. */
  async *readSignal<T>(signal: Signal<T, "room">, options: ReadSignalOptions): AsyncGenerator<T> {
    const { roomId, actor } = options;
    const topic = topicOf(signal, roomId);
    const reader = this.open<T>({ ...options, topic, exceptOwn: signal.exceptOwn ?? false });
    try {
      await reader.authorize(actor);
      const { signals } = this.#options;
      yield* followSignal(reader.subscription, () => signals.startOf(signal, roomId, actor.userId));
    } finally {
      reader.release();
    }
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  #remember(watched: Watched): void {
    this.#byUser.getOrInsertComputed(watched.actor.userId, () => new Set()).add(watched);
  }

  #forget(watched: Watched): void {
    const { userId } = watched.actor;
    const readers = this.#byUser.get(userId);
    readers?.delete(watched);
    if (readers?.size === 0) this.#byUser.delete(userId);
  }

  /** Guests see only their own rooms: members who become guests lose the public rooms that they only read. */
  async #checkRole(userId: UserId): Promise<void> {
    const readers = [...this.#byUser.get(userId) ?? []];
    if (readers.length === 0) return;
    const { access, roleOf } = this.#options;
    try {
      const role = await roleOf(userId);
      // A deactivated account loses its sessions, and with them all subscriptions.
      if (role === null) return;
      for (const { actor, roomId, subscription } of readers) {
        await access.require({ ...actor, role }, "room.read", roomId)
          .catch((error) => subscription.revoke(asLoss(error)));
      }
    } catch (error) {
      for (const { subscription } of readers) subscription.revoke(asLoss(error));
    }
  }
}

/** Without known rights there are none; the reader reconnects and gets the actual error. */
function asLoss(error: unknown): AppError {
  return error instanceof AppError
    ? error
    : new AppError("storage_unavailable", "Access could not be checked", {
      retryAfterMs: 1_000,
      cause: error,
    });
}
