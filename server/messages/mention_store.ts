import type { RoomId, UserId } from "../../shared/ids.ts";
import { findMentions, listMentionCandidates, mentionedIds } from "../../shared/mentions.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import type { MembershipStore } from "../rooms/membership_store.ts";
import type { MessageRow } from "./message_rows.ts";

/** Finds whom a text means, and the rows by which those people count their mentions. */
export class MentionStore {
  readonly #db: Database;
  readonly #members: MembershipStore;

  /** Reads names from `db`, and who is in a room from `members`. */
  constructor(db: Database, members: MembershipStore) {
    this.#db = db;
    this.#members = members;
  }

  /**
   * Gives the room's members whom a text mentions. Only names that could stand in the text are looked up, so the size
   * of the room does not count, and a text without @ looks up nothing.
   */
  async resolve(roomId: RoomId, text: string): Promise<UserId[]> {
    const candidates = listMentionCandidates(text);
    if (candidates.length === 0) return [];
    const entries = await this.#db.getMany<UserId>(candidates.map((folded) => keys.userName(folded)));
    const named = entries.flatMap(({ value }, index) =>
      value === null ? [] : [[candidates[index] as string, value] as const]
    );
    const members = await this.#members.membersAmong(roomId, named.map(([, userId]) => userId));
    return mentionedIds(findMentions(text, new Map(named.filter(([, userId]) => members.has(userId)))));
  }

  /** The rows of a message's mentions. One's own name in one's own text is nothing to be told of. */
  keysOf(roomId: RoomId, offset: number, row: MessageRow): Deno.KvKey[] {
    const others = row.mentions.filter((userId) => userId !== row.by);
    return others.map((userId) => keys.mention(userId, roomId, offset));
  }
}
