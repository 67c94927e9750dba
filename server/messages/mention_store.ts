import type { RoomId, UserId } from "../../shared/ids.ts";
import { findMentions, mentionedIds } from "../../shared/mentions.ts";
import { foldName } from "../../shared/names.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { findNamed } from "../auth/named_people_store.ts";
import type { MembershipStore } from "../rooms/membership_store.ts";
import type { MessageRow } from "./message_rows.ts";

/** Finds the people that a text mentions, and the rows with which they count their mentions. */
export class MentionStore {
  readonly #db: Database;
  readonly #members: MembershipStore;

  constructor(db: Database, members: MembershipStore) {
    this.#db = db;
    this.#members = members;
  }

  /**
   * Returns the members that a text mentions. Only names that could be in the text are looked up, so the size of the
   * room does not matter, and a text without @ needs no reads.
   */
  async resolve(roomId: RoomId, text: string): Promise<UserId[]> {
    const named = await findNamed(this.#db, text);
    if (named.size === 0) return [];
    const members = await this.#members.membersAmong(roomId, [...named.values()]);
    const people = new Map([...named].filter(([, userId]) => members.has(userId)));
    return mentionedIds(findMentions(text, people, foldName));
  }

  /** Returns the rows of a message's mentions. Authors are not notified of their own mentions. */
  keysOf(roomId: RoomId, offset: number, row: MessageRow): Deno.KvKey[] {
    const others = row.mentions.filter((userId) => userId !== row.by);
    return others.map((userId) => keys.mention(userId, roomId, offset));
  }
}
