import { AppError } from "../../shared/errors.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Signal } from "../../shared/signal.ts";
import type { Role } from "../../shared/user.ts";
import type { Feed } from "../changes.ts";
import type { ActorRights } from "../auth/authorize.ts";
import type { Connection } from "../net/connection.ts";
import type { Hub } from "../streams/hub.ts";
import { follow, topicOf } from "../streams/signals.ts";
import type { SignalStart } from "../streams/signals.ts";
import type { Subscription } from "../streams/subscription.ts";
import type { RoomAccessStore } from "./room_access_store.ts";

/** What the readers of rooms are watched with. */
export interface RoomReadersOptions {
  readonly hub: Hub;
  readonly feed: Feed;
  readonly access: RoomAccessStore;
  /** Reads the role of an account; null when there is none or it is deactivated. */
  readonly roleOf: (userId: UserId) => Promise<Role | null>;
}

/** Who reads what of which room. */
export interface ReadRoomOptions {
  readonly topic: string;
  readonly actor: ActorRights;
  readonly roomId: RoomId;
  /** Null over HTTP, and for a wait that is answered by one value. */
  readonly connection: Connection | null;
  /** Leaves out items whose `by` is the reader. */
  readonly exceptOwn?: boolean;
  readonly signal: AbortSignal;
}

/** Who reads a signal of which room. */
export interface ReadSignalOptions extends Omit<ReadRoomOptions, "topic" | "exceptOwn"> {
  /** What the reader is told first. */
  readonly start: () => SignalStart;
}

/** Somebody who follows a room, or waits for something in it, until `release`. */
export interface RoomReader<T> {
  readonly subscription: Subscription<T>;
  /** Throws unless the room may be read. Call it once the reader is there, and after every wait with who it is by then. */
  authorize(actor: ActorRights): Promise<void>;
  release(): void;
}

interface Watched {
  readonly actor: ActorRights;
  readonly roomId: RoomId;
  readonly subscription: Subscription<unknown>;
}

/**
 * The one way to follow a room, whatever of it: a reader is there before its rights are looked up, loses the room by
 * the event that removes it, and is looked at again when its account changes.
 */
export class RoomReaders {
  readonly #options: RoomReadersOptions;
  readonly #byUser = new Map<UserId, Set<Watched>>();
  readonly #unsubscribe: () => void;

  /** Listens to the feed for accounts that change. */
  constructor(options: RoomReadersOptions) {
    this.#options = options;
    this.#unsubscribe = options.feed.subscribe("deliver", (notice) => {
      if (notice.type !== "changed" || notice.change.type !== "user_changed") return;
      void this.#checkRole(notice.change.userId);
    });
  }

  /** Opens a topic of a room; who is removed while rights are looked up is revoked with the rest. */
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

  /** Yields a signal of a room, from its state on; a reader that went without some begins with the state again. */
  async *readSignal<T>(signal: Signal<T, "room">, options: ReadSignalOptions): AsyncGenerator<T> {
    const { start, ...rest } = options;
    const topic = topicOf(signal, options.roomId);
    const reader = this.open<T>({ ...rest, topic, exceptOwn: signal.exceptOwn ?? false });
    try {
      await reader.authorize(options.actor);
      yield* follow(reader.subscription, start);
    } finally {
      reader.release();
    }
  }

  /** Stops listening. */
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

  /** A guest sees only rooms it is in: who becomes one loses the public rooms that it merely read. */
  async #checkRole(userId: UserId): Promise<void> {
    const readers = [...this.#byUser.get(userId) ?? []];
    if (readers.length === 0) return;
    const { access, roleOf } = this.#options;
    try {
      const role = await roleOf(userId);
      // An account that has ended loses its sessions, and all that was opened by them.
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

/** Rights that cannot be looked up are not there; the reader comes back and is told what is wrong. */
function asLoss(error: unknown): AppError {
  return error instanceof AppError
    ? error
    : new AppError("storage_unavailable", "Access could not be checked", {
      retryAfterMs: 1_000,
      cause: error,
    });
}
