import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";

/** Rooms of one person whose notifications may be shown. */
const ROOMS_MAX_COUNT = 30;

/** The last message of each room that a person was told of. */
type ShownRow = Readonly<Record<RoomId, number>>;

/** Which notifications a person's devices may show, so that pushes can close those that were read since. */
export class ShownStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Notes a message, and returns the rooms whose notifications are read. They are returned again for later messages:
   * a push may reach some devices only, or be replaced by the next one before it reaches any.
   */
  async note(
    userId: UserId,
    { roomId, offset }: { readonly roomId: RoomId; readonly offset: number },
    isRead: (roomId: RoomId, offset: number) => Promise<boolean>,
  ): Promise<RoomId[]> {
    const entry = await this.#db.get<ShownRow>(keys.pushShown(userId));
    const others = Object.entries(entry.value ?? {}).filter(([id]) => id !== roomId) as [RoomId, number][];
    const checked = await Promise.all(others.map(async (each) => ({ each, isRead: await isRead(...each) })));
    const row = Object.fromEntries([...others, [roomId, offset] as const].slice(-ROOMS_MAX_COUNT));
    // If another push changes it at the same time, one of both is not closed early.
    await this.#db.commit({ checks: [entry], sets: [[entry.key, row]] });
    return checked.filter((other) => other.isRead).map(({ each: [id] }) => id);
  }
}
