import { AppError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { foldName } from "../../shared/names.ts";
import type { Room, RoomKind } from "../../shared/room.ts";
import type { Feed } from "../changes.ts";
import { judge } from "../auth/account_change_store.ts";
import { notFound } from "../auth/authorize.ts";
import type { Database } from "../kv/database.ts";
import { keys } from "../kv/keys.ts";
import { MembershipStore, memberTarget } from "./membership_store.ts";
import { ReadStateStore } from "./read_state_store.ts";
import { RoomAccessStore } from "./room_access_store.ts";
import type { RoomRequest } from "./room_access_store.ts";
import { RoomDirectoryStore } from "./room_directory_store.ts";
import { changedRow, roomOf } from "./room_records.ts";
import type { RoomRow } from "./room_records.ts";
import type { RoomEventLog } from "./room_stream.ts";

const GENERAL_NAME = "General";
const ROOM_TARGET = "room";

export interface RoomStoreOptions {
  readonly db: Database;
  readonly feed: Feed;
  readonly roomLog: RoomEventLog;
  /** Epoch time in milliseconds. */
  readonly now?: () => number;
}

/** A new room, with a name that is normalized and checked. */
export interface NewRoom {
  readonly name: string;
  readonly kind: "public" | "private";
  readonly topic: string;
  readonly by: UserId;
  /** What `by` must be allowed to do at commit time; omitted for the server itself. */
  readonly asks?: "room.create";
}

/** Changes of a room; omitted fields keep their value. */
export interface RoomChange extends RoomRequest {
  readonly name?: string | undefined;
  readonly topic?: string | undefined;
  readonly isArchived?: boolean | undefined;
}

/** Creates, changes and finds rooms. Members, rights and read states have their own stores, created here. */
export class RoomStore {
  /** Memberships. */
  readonly members: MembershipStore;
  /** Read states. */
  readonly readStates: ReadStateStore;
  /** Rights in rooms, cached for a second. */
  readonly access: RoomAccessStore;
  /** The list of public rooms. */
  readonly directory: RoomDirectoryStore;
  readonly #db: Database;
  readonly #roomLog: RoomEventLog;
  readonly #now: () => number;

  constructor({ db, feed, roomLog, now = Date.now }: RoomStoreOptions) {
    this.#db = db;
    this.#roomLog = roomLog;
    this.#now = now;
    this.access = new RoomAccessStore({ db, feed, now });
    this.readStates = new ReadStateStore({ db, feed, roomLog });
    this.members = new MembershipStore({
      db,
      feed,
      roomLog,
      readStates: this.readStates,
      access: this.access,
    });
    this.directory = new RoomDirectoryStore(db, this.members);
  }

  /** Creates a room with its creator as moderator; throws `name_taken` if a public room has a similar name. */
  async create(room: NewRoom): Promise<Room> {
    return await this.#create(room, false);
  }

  /** Returns the direct room of two people, or null. */
  findDirect(a: UserId, b: UserId): Promise<Room | null> {
    return this.#directRoom(keys.direct(a, b));
  }

  /** Returns the direct room of two people, creating it if needed; there is only one per pair. */
  async openDirect(by: UserId, other: UserId, asks?: "room.openDirect"): Promise<Room> {
    const key = keys.direct(by, other);
    const existing = await this.#directRoom(key);
    if (existing !== null) return existing;
    const roomId = newId<RoomId>();
    const row = this.#newRow({ name: "", kind: "direct", topic: "", by }, [by, other]);
    try {
      await this.#roomLog.append(roomId, {
        by,
        build: async (slot) => {
          const pair = await this.#db.get<RoomId>(key);
          if (pair.value !== null) throw new AppError("name_taken", "This direct room already exists");
          const checks = asks === undefined ? [] : [
            ...await judge(this.#db, by, asks),
            await this.members.activeCheck(other),
          ];
          return {
            body: { type: "member_joined", userId: by, role: "member" },
            checks: [{ key, versionstamp: null }, ...checks],
            // Add both at once: a crash between two events must not leave one of them out.
            sets: [
              [key, roomId],
              [keys.room(roomId), row],
              ...this.members.rowsFor({ roomId, userId: by, role: "member", slot }),
              ...this.members.rowsFor({ roomId, userId: other, role: "member", slot }),
            ],
          };
        },
      });
    } catch (error) {
      const winner = await this.#directRoom(key);
      if (winner === null) throw error;
      return winner;
    }
    await this.#roomLog.append(roomId, {
      by,
      build: () => ({ body: { type: "member_joined", userId: other, role: "member" } }),
    });
    return roomOf(roomId, row);
  }

  /** Changes the name or topic of a room, archives or restores it; no event if nothing changes. */
  async update(change: RoomChange): Promise<Room> {
    const { roomId, by } = change;
    let room = null as Room | null;
    await this.#roomLog.append(roomId, {
      by,
      targets: [ROOM_TARGET, memberTarget(by)],
      build: async () => {
        const { row, checks } = await this.access.judge(change, by);
        if (row === null) throw notFound();
        if (row.kind === "direct") throw new AppError("not_allowed", "A direct room cannot be changed");
        const next = changedRow(row, change, this.#now());
        room = roomOf(roomId, next ?? row);
        if (next === null) return null;
        const name = await this.#renaming(roomId, row, next);
        return {
          body: { type: "room_updated", room },
          ...name,
          checks: [...checks, ...name.checks],
          sets: [[keys.room(roomId), next], ...name.sets],
        };
      },
    });
    if (room === null) throw notFound();
    return room;
  }

  /** Returns a room, or null. */
  async get(roomId: RoomId): Promise<Room | null> {
    const row = await this.access.row(roomId);
    return row === null ? null : roomOf(roomId, row);
  }

  /** Returns the room that new members join automatically; null before setup. */
  async general(): Promise<RoomId | null> {
    return (await this.#db.get<RoomId>(keys.generalRoom())).value;
  }

  /** Creates that room unless it exists; part of setup, safe to repeat after a crash. */
  async ensureGeneral(by: UserId): Promise<RoomId> {
    const existing = await this.general();
    if (existing !== null) return existing;
    const room: NewRoom = { name: GENERAL_NAME, kind: "public", topic: "", by };
    return (await this.#create(room, true)).id;
  }

  /** Adds a new member to that room, unless it is archived or missing. */
  async joinGeneral(userId: UserId): Promise<void> {
    const roomId = await this.general();
    const room = roomId === null ? null : await this.get(roomId);
    if (roomId === null || room === null || room.archivedAt !== null) return;
    await this.members.join({ userId, roomId });
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.members.close();
    this.readStates.close();
    this.access.close();
  }

  async #create(room: NewRoom, isGeneral: boolean): Promise<Room> {
    const roomId = newId<RoomId>();
    const row = this.#newRow(room, null);
    const nameKey = room.kind === "public" ? keys.roomName(foldName(room.name)) : null;
    await this.#roomLog.append(roomId, {
      by: room.by,
      build: async (slot) => {
        const rights = room.asks === undefined ? [] : await judge(this.#db, room.by, room.asks);
        if (nameKey !== null && (await this.#db.get(nameKey)).value !== null) throw nameTaken();
        return {
          body: { type: "member_joined", userId: room.by, role: "moderator" },
          checks: [...rights, ...nameKey === null ? [] : [{ key: nameKey, versionstamp: null }]],
          sets: [
            [keys.room(roomId), row],
            ...(nameKey === null ? [] : [[nameKey, roomId] as const]),
            ...(isGeneral ? [[keys.generalRoom(), roomId] as const] : []),
            ...this.members.rowsFor({ roomId, userId: room.by, role: "moderator", slot }),
          ],
        };
      },
    });
    return roomOf(roomId, row);
  }

  #newRow(
    room: { readonly name: string; readonly kind: RoomKind; readonly topic: string; readonly by: UserId },
    pair: readonly [UserId, UserId] | null,
  ): RoomRow {
    const { name, kind, topic, by } = room;
    const createdAt = new Date(this.#now()).toISOString();
    return { name, kind, topic, createdAt, createdBy: by, archivedAt: null, pair };
  }

  /** Returns the writes that move the name of a public room; two rooms with one name conflict at its key. */
  async #renaming(roomId: RoomId, row: RoomRow, next: RoomRow) {
    const none = { sets: [] as (readonly [Deno.KvKey, unknown])[], deletes: [], checks: [] };
    const [before, after] = [foldName(row.name), foldName(next.name)];
    if (row.kind !== "public" || before === after) return none;
    const key = keys.roomName(after);
    if ((await this.#db.get(key)).value !== null) throw nameTaken();
    return {
      sets: [[key, roomId] as const],
      deletes: [keys.roomName(before)],
      checks: [{ key, versionstamp: null }],
    };
  }

  async #directRoom(key: Deno.KvKey): Promise<Room | null> {
    const { value: roomId } = await this.#db.get<RoomId>(key);
    return roomId === null ? null : await this.get(roomId);
  }
}

function nameTaken(): AppError {
  return new AppError("name_taken", "A public room has this name, or one that looks like it");
}
