import type { RoomId, UserId } from "../../shared/ids.ts";
import type { PresenceState } from "../../shared/presence.ts";
import type { Log } from "../log.ts";
import type { Hub } from "../streams/hub.ts";
import { PresenceView } from "./presence_view.ts";
import type { ShownStates } from "./presence_view.ts";

/** The rooms of a person and everybody in them. */
export interface Neighbours {
  readonly roomIds: ReadonlySet<RoomId>;
  readonly userIds: ReadonlySet<UserId>;
}

/** What guests' views are made of. */
export interface GuestViewsOptions {
  readonly hub: Hub;
  readonly log: Log;
  readonly shown: ShownStates;
  /** Reads who shares a room with a person, the person included. */
  readonly neighboursOf: (userId: UserId) => Promise<Neighbours>;
}

/** Topic of what one guest may see. */
export function guestTopic(userId: UserId): string {
  return `presence:${userId}`;
}

interface GuestEntry {
  readonly view: PresenceView;
  readerCount: number;
  roomIds: ReadonlySet<RoomId>;
  /** Counts the changes of membership that concern the guest; a lookup that a change overtook is done again. */
  version: number;
  /** The lookup under way. */
  refreshing: Promise<void> | null;
}

/** Guests see only the people of their rooms: a view for each guest who reads, whatever the number of tabs. */
export class GuestViews {
  readonly #options: GuestViewsOptions;
  readonly #entries = new Map<UserId, GuestEntry>();

  /** Makes no view yet. */
  constructor(options: GuestViewsOptions) {
    this.#options = options;
  }

  /** Gives the view of a guest, for one reader more; end with `close`. */
  async open(userId: UserId): Promise<PresenceView> {
    const entry = this.#entryOf(userId);
    entry.readerCount++;
    try {
      if (entry.refreshing === null && entry.view.isHolding) this.#look(userId, entry);
      await entry.refreshing;
      return entry.view;
    } catch (error) {
      this.close(userId);
      throw error;
    }
  }

  /** One reader less. */
  close(userId: UserId): void {
    const entry = this.#entries.get(userId);
    if (entry !== undefined && --entry.readerCount === 0) this.#entries.delete(userId);
  }

  /** Tells every guest what it may see of the changes. */
  deliver(changed: readonly PresenceState[]): void {
    for (const [userId, entry] of this.#entries) {
      entry.view.deliver(changed);
      // A lookup that failed leaves the view on hold; the next change of anybody tries again.
      if (entry.refreshing === null && entry.view.isHolding) this.#look(userId, entry);
    }
  }

  /** Looks again at whom guests may see once somebody came to a room or left it. */
  handleMembership(roomId: RoomId, userId: UserId): void {
    for (const [guestId, entry] of this.#entries) {
      if (guestId === userId || entry.roomIds.has(roomId)) this.#look(guestId, entry);
    }
  }

  #entryOf(userId: UserId): GuestEntry {
    let entry = this.#entries.get(userId);
    if (entry === undefined) {
      const { hub, shown } = this.#options;
      const topic = guestTopic(userId);
      const view = new PresenceView({ hub, topic, shown, visible: new Set() });
      view.hold();
      entry = { view, readerCount: 0, roomIds: new Set(), version: 0, refreshing: null };
      this.#entries.set(userId, entry);
    }
    return entry;
  }

  /** Nothing is delivered while it is unknown whom the guest may see: who has left a room must not be seen. */
  #look(userId: UserId, entry: GuestEntry): void {
    entry.version++;
    entry.view.hold();
    if (entry.refreshing !== null) return;
    entry.refreshing = this.#refresh(userId, entry).finally(() => entry.refreshing = null);
    entry.refreshing.catch((error: unknown) => {
      this.#options.log.warn("Cannot look up whom a guest may see", { userId, error: String(error) });
    });
  }

  async #refresh(userId: UserId, entry: GuestEntry): Promise<void> {
    for (;;) {
      const { version } = entry;
      const { roomIds, userIds } = await this.#options.neighboursOf(userId);
      if (entry.version !== version) continue;
      entry.roomIds = roomIds;
      entry.view.resume(userIds);
      return;
    }
  }
}
