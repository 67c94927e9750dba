import { missedBy } from "../../shared/event.ts";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { RoomLevel, RoomSummary } from "../../shared/room.ts";
import type { Feed, Notice } from "../changes.ts";
import { newPerson } from "./held_person.ts";
import type { Load, Person } from "./held_person.ts";
import { LoadedRooms, toSummary } from "./loaded_rooms.ts";
import type { LoadedMember, LoadedRoom } from "./loaded_rooms.ts";
import { MentionSet } from "./mention_set.ts";
import { readPlaces } from "./read_places.ts";
import type { ReadStateStore } from "./read_state_store.ts";
import { readPosition } from "./room_records.ts";
import type { ReadState } from "./room_records.ts";
import type { RoomStore } from "./room_store.ts";
import { isRoomNotice } from "./room_stream.ts";
import type { RoomEventLog } from "./room_stream.ts";

/** Receives changes of held summaries, synchronously. */
export interface RoomSummaryListener {
  /** The room's summary changed for one member, or for all (null). */
  changed(roomId: RoomId, userId: UserId | null): void;
  /** The person has joined the room; `changed` follows. */
  joined(roomId: RoomId, userId: UserId): void;
  /** The person is no longer in the room. */
  removed(roomId: RoomId, userId: UserId): void;
  /** A change could not be read: what the person sees may be wrong from now on. */
  failed(userId: UserId, error: unknown): void;
}

export interface RoomSummaryCacheOptions {
  readonly feed: Feed;
  readonly roomLog: RoomEventLog;
  readonly rooms: RoomStore;
  /** Reads the level of a person's rooms that have none of their own. */
  readonly defaultLevelOf: (userId: UserId) => Promise<RoomLevel>;
  readonly listener: RoomSummaryListener;
}

/**
 * Room summaries of connected members, in memory and kept exact by notices: a post in a room of a thousand connected
 * members reads nothing from storage, and absent members cost nothing.
 */
export class RoomSummaryCache {
  readonly #rooms: LoadedRooms;
  readonly #readStates: ReadStateStore;
  readonly #defaultLevelOf: (userId: UserId) => Promise<RoomLevel>;
  readonly #listener: RoomSummaryListener;
  readonly #people = new Map<UserId, Person>();
  readonly #loads = new Set<Load>();
  readonly #unsubscribe: () => void;

  /** Subscribes to the feed. */
  constructor({ feed, roomLog, rooms, defaultLevelOf, listener }: RoomSummaryCacheOptions) {
    this.#rooms = new LoadedRooms(roomLog, rooms.access);
    this.#readStates = rooms.readStates;
    this.#defaultLevelOf = defaultLevelOf;
    this.#listener = listener;
    this.#unsubscribe = feed.subscribe("view", (notice) => this.#handle(notice));
  }

  /** Loads the rooms of a person and keeps them exact until `release`. */
  async hold(userId: UserId): Promise<void> {
    const person = this.#people.getOrInsertComputed(userId, newPerson);
    person.holderCount++;
    try {
      if (!person.isLoaded) await (person.loading ??= this.#loadAll(person));
    } catch (error) {
      this.release(userId);
      throw error;
    }
  }

  /** Resolves once no room of a held person is being reloaded, so that a join that was answered is included. */
  async settled(userId: UserId): Promise<void> {
    const reloads = this.#people.get(userId)?.reloads;
    while (reloads !== undefined && reloads.size > 0) await Promise.all(reloads.values());
  }

  /** Ends a `hold`; after the last one, the person's summaries are dropped. */
  release(userId: UserId): void {
    const person = this.#people.get(userId);
    if (person === undefined || --person.holderCount > 0) return;
    this.#people.delete(userId);
    for (const roomId of person.roomIds) this.#rooms.removeMember(roomId, userId);
  }

  /** Returns the summaries of a held person. */
  of(userId: UserId): RoomSummary[] {
    return [...this.#people.get(userId)?.roomIds ?? []].flatMap((roomId) => {
      const room = this.#rooms.get(roomId);
      const member = room?.members.get(userId);
      return room === null || member === undefined ? [] : toSummary(room, userId, member);
    });
  }

  /** Reads one summary for any person; null if they are not a member. */
  async find(userId: UserId, roomId: RoomId): Promise<RoomSummary | null> {
    return await this.#load(userId, () => this.#stateIn(userId, roomId), (members) => {
      const room = this.#rooms.get(roomId);
      const member = members.get(roomId);
      return room === null || member === undefined ? null : toSummary(room, userId, member);
    });
  }

  /** Returns a room with held members. */
  room(roomId: RoomId): LoadedRoom | null {
    return this.#rooms.get(roomId);
  }

  /** Unsubscribes from the feed. */
  close(): void {
    this.#unsubscribe();
  }

  async #loadAll(person: Person): Promise<void> {
    const { userId } = person;
    try {
      await this.#load(userId, () => this.#readStates.listOf(userId), (members) => {
        if (person.holderCount === 0) return;
        for (const [roomId, member] of members) this.#install(person, roomId, member);
        person.isLoaded = true;
      });
    } finally {
      person.loading = null;
    }
  }

  /** Reads a room of a loaded person again, if the change is not in memory. */
  #reload(person: Person, roomId: RoomId): void {
    if (person.reloads.has(roomId)) return;
    const { userId } = person;
    const replace = (members: ReadonlyMap<RoomId, LoadedMember>) => {
      // Without a wait after the check: later changes start another reload.
      person.reloads.delete(roomId);
      if (person.holderCount === 0) return;
      const member = members.get(roomId);
      if (member === undefined) return this.#remove(person, roomId);
      if (!person.roomIds.has(roomId)) this.#listener.joined(roomId, userId);
      this.#install(person, roomId, member);
      this.#listener.changed(roomId, userId);
    };
    const reload = this.#load(userId, () => this.#stateIn(userId, roomId), replace).catch(
      (error: unknown) => {
        person.reloads.delete(roomId);
        this.#listener.failed(userId, error);
      },
    );
    person.reloads.set(roomId, reload);
  }

  /** Reads summaries, repeating it while changes overtake the read, and passes them to `take` without a wait. */
  async #load<T>(
    userId: UserId,
    listStates: () => Promise<ReadonlyMap<RoomId, ReadState>>,
    take: (members: ReadonlyMap<RoomId, LoadedMember>) => T,
  ): Promise<T> {
    const load: Load = { userId, states: new Map(), isOvertaken: false };
    this.#loads.add(load);
    try {
      for (;;) {
        load.isOvertaken = false;
        load.states = await listStates();
        const roomIds = [...load.states.keys()];
        const rooms = await this.#rooms.hold(roomIds);
        try {
          const members = await this.#readMembers(load, rooms);
          if (!load.isOvertaken) return take(members);
        } finally {
          this.#rooms.release(roomIds);
        }
      }
    } finally {
      this.#loads.delete(load);
    }
  }

  async #stateIn(userId: UserId, roomId: RoomId): Promise<Map<RoomId, ReadState>> {
    const state = await this.#readStates.load(userId, roomId);
    return new Map(state === null ? [] : [[roomId, state]]);
  }

  async #readMembers({ userId, states }: Load, rooms: ReadonlyMap<RoomId, LoadedRoom>) {
    const defaultLevel = await this.#defaultLevelOf(userId);
    const members = new Map<RoomId, LoadedMember>();
    for (const [roomId, state] of states) {
      if (!rooms.has(roomId)) continue;
      const [mentions, missedCalls] = [new MentionSet(), new MentionSet()];
      members.set(roomId, { state, mentions, missedCalls, defaultLevel });
    }
    await readPlaces(this.#readStates, { userId, rooms, members });
    return members;
  }

  #install(person: Person, roomId: RoomId, member: LoadedMember): void {
    this.#rooms.get(roomId)?.members.set(person.userId, member);
    person.roomIds.add(roomId);
  }

  #remove(person: Person, roomId: RoomId): void {
    person.roomIds.delete(roomId);
    if (this.#rooms.removeMember(roomId, person.userId)) this.#listener.removed(roomId, person.userId);
  }

  #handle(notice: Notice): void {
    if (notice.type === "changed") {
      const { change } = notice;
      if (change.type === "read_state_changed") this.#refresh(change.userId, change.roomId);
      else if (change.type === "settings_changed") this.#changeLevel(change.userId, change.level);
    } else if (isRoomNotice(notice)) {
      const { streamId: roomId, events } = notice;
      this.#rooms.apply(notice);
      for (const event of events) this.#apply(roomId, event);
      if (this.#rooms.get(roomId) !== null) this.#listener.changed(roomId, null);
    }
  }

  #apply(roomId: RoomId, event: RoomEvent): void {
    switch (event.type) {
      case "message_sent":
        this.#refresh(event.by, roomId);
        for (const userId of event.message.mentions) {
          if (userId !== event.by) this.#addPlace("mentions", userId, roomId, event.messageOffset);
        }
        break;
      case "call_ended":
        for (const userId of missedBy(event)) {
          this.#addPlace("missedCalls", userId, roomId, event.offset);
        }
        break;
      case "message_edited":
      case "message_deleted":
        for (const load of this.#loads) if (load.states.has(roomId)) load.isOvertaken = true;
        this.#changeMentions(roomId, event.message);
        break;
      case "member_joined":
      case "member_left": {
        this.#overtake(event.userId);
        const person = this.#people.get(event.userId);
        if (!person?.isLoaded) break;
        if (event.type === "member_joined") this.#reload(person, roomId);
        else this.#remove(person, roomId);
      }
    }
  }

  #changeLevel(userId: UserId, level: RoomLevel): void {
    this.#overtake(userId);
    for (const roomId of this.#people.get(userId)?.roomIds ?? []) {
      const member = this.#rooms.get(roomId)?.members.get(userId);
      if (member === undefined || member.defaultLevel === level) continue;
      member.defaultLevel = level;
      this.#listener.changed(roomId, userId);
    }
  }

  /** Makes reads under way of a person repeat. */
  #overtake(userId: UserId): void {
    for (const load of this.#loads) if (load.userId === userId) load.isOvertaken = true;
  }

  /** Updates a read state, from memory if possible. */
  #refresh(userId: UserId, roomId: RoomId): void {
    this.#overtake(userId);
    const person = this.#people.get(userId);
    const member = this.#rooms.get(roomId)?.members.get(userId);
    if (person === undefined || member === undefined) return;
    const state = this.#readStates.peek(userId, roomId);
    const hasGrown = state !== undefined &&
      readPosition(state).readCount >= readPosition(member.state).readCount;
    if (!hasGrown) return this.#reload(person, roomId);
    member.state = state;
    for (const places of [member.mentions, member.missedCalls]) {
      places.dropUpTo(readPosition(state).readOffset);
      if (places.isStale) return this.#reload(person, roomId);
    }
    this.#listener.changed(roomId, userId);
  }

  #addPlace(kind: "mentions" | "missedCalls", userId: UserId, roomId: RoomId, offset: number): void {
    this.#overtake(userId);
    const member = this.#rooms.get(roomId)?.members.get(userId);
    // With several instances, the mark may arrive before the message.
    const isUnread = member !== undefined && offset > readPosition(member.state).readOffset;
    if (isUnread) member[kind].add(offset);
  }

  #changeMentions(roomId: RoomId, message: Message): void {
    for (const [userId, member] of this.#rooms.get(roomId)?.members ?? []) {
      const isUnread = message.offset > readPosition(member.state).readOffset;
      const isMentioned = message.by !== userId && message.mentions.includes(userId);
      if (isMentioned && isUnread) member.mentions.add(message.offset);
      else member.mentions.delete(message.offset);
      const person = this.#people.get(userId);
      if (member.mentions.isStale && person !== undefined) this.#reload(person, roomId);
    }
  }
}
