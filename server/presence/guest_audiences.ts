import type { RoomId, UserId } from "../../shared/ids.ts";
import type { PresenceState } from "../../shared/presence.ts";
import { ReadCache } from "../kv/read_cache.ts";
import type { CacheStats } from "../kv/read_cache.ts";
import type { Log } from "../log.ts";
import type { Hub } from "../streams/hub.ts";
import { PresenceAudience } from "./presence_audience.ts";
import type { ShownStates } from "./presence_audience.ts";

/** Maximum number of guests who read at once; each has a connection. */
const GUESTS_MAX_COUNT = 20_000;

/** The rooms of a person and all of their members. */
export interface Neighbours {
  readonly roomIds: ReadonlySet<RoomId>;
  readonly userIds: ReadonlySet<UserId>;
}

export interface GuestAudiencesOptions {
  readonly hub: Hub;
  readonly log: Log;
  readonly shown: ShownStates;
  /** Reads who shares a room with a person, including the person. */
  readonly neighboursOf: (userId: UserId) => Promise<Neighbours>;
}

/** Returns the topic of what one guest may see. */
export function guestTopic(userId: UserId): string {
  return `presence:${userId}`;
}

interface GuestEntry {
  readonly audience: PresenceAudience;
  readerCount: number;
  roomIds: ReadonlySet<RoomId>;
  /** The read under way. */
  refreshing: Promise<void> | null;
}

/** Audiences of guests, who see only people with whom they share a room: one audience per guest, for all tabs. */
export class GuestAudiences {
  readonly #options: GuestAudiencesOptions;
  readonly #entries = new Map<UserId, GuestEntry>();
  readonly #neighbours = new ReadCache<UserId, Neighbours>({ maxCount: GUESTS_MAX_COUNT });

  constructor(options: GuestAudiencesOptions) {
    this.#options = options;
  }

  /** Statistics of the cached neighbours of guests. */
  get cache(): CacheStats {
    return this.#neighbours;
  }

  /** Returns the audience of a guest and adds a reader, until `close`. */
  async open(userId: UserId): Promise<PresenceAudience> {
    const entry = this.#entryOf(userId);
    entry.readerCount++;
    try {
      if (entry.refreshing === null && entry.audience.isHolding) this.#look(userId, entry);
      await entry.refreshing;
      return entry.audience;
    } catch (error) {
      this.close(userId);
      throw error;
    }
  }

  /** Removes a reader. */
  close(userId: UserId): void {
    const entry = this.#entries.get(userId);
    if (entry === undefined || --entry.readerCount > 0) return;
    this.#entries.delete(userId);
    this.#neighbours.drop(userId);
  }

  /** Sends each guest the changes that they may see. */
  deliver(changed: readonly PresenceState[]): void {
    for (const [userId, entry] of this.#entries) {
      entry.audience.deliver(changed);
      // After a failed read the audience stays on hold; the next change tries again.
      if (entry.refreshing === null && entry.audience.isHolding) this.#look(userId, entry);
    }
  }

  /** Reloads whom guests may see after somebody joined or left a room. */
  handleMembership(roomId: RoomId, userId: UserId): void {
    for (const [guestId, entry] of this.#entries) {
      if (guestId === userId || entry.roomIds.has(roomId)) this.#look(guestId, entry);
    }
  }

  #entryOf(userId: UserId): GuestEntry {
    return this.#entries.getOrInsertComputed(userId, () => {
      const { hub, shown } = this.#options;
      const audience = new PresenceAudience({ hub, topic: guestTopic(userId), shown, visible: new Set() });
      audience.hold();
      return { audience, readerCount: 0, roomIds: new Set<RoomId>(), refreshing: null };
    });
  }

  /** Holds diffs until visibility is reloaded, so that a guest does not see people who left the room. */
  #look(userId: UserId, entry: GuestEntry): void {
    this.#neighbours.drop(userId);
    entry.audience.hold();
    if (entry.refreshing !== null) return;
    entry.refreshing = this.#refresh(userId, entry).finally(() => entry.refreshing = null);
    entry.refreshing.catch((error: unknown) => {
      this.#options.log.warn("Cannot look up which people a guest may see", { userId, error: String(error) });
    });
  }

  async #refresh(userId: UserId, entry: GuestEntry): Promise<void> {
    const { neighboursOf } = this.#options;
    for (;;) {
      await this.#neighbours.get(userId, () => neighboursOf(userId));
      // If a change has overtaken the read, nothing is cached: read again.
      const found = this.#neighbours.peek(userId);
      if (found === undefined) continue;
      entry.roomIds = found.roomIds;
      return entry.audience.resume(found.userIds);
    }
  }
}
