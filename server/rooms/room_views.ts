import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Feed, Notice } from "../streams/feed.ts";
import { readPosition, summarize } from "./room_records.ts";
import type { RoomStore } from "./room_store.ts";
import { isRoomNotice } from "./room_stream.ts";
import type { RoomEventLog } from "./room_stream.ts";
import { ViewLoader } from "./view_loader.ts";
import { newPerson } from "./viewed_person.ts";
import type { ViewedPerson as Person } from "./viewed_person.ts";
import { ViewedRooms } from "./viewed_rooms.ts";
import type { RoomView, ViewedRoom } from "./viewed_rooms.ts";

/** Hears what changes of loaded views, synchronously. */
export interface RoomViewsListener {
  /** The room looks different to one member, or to all of them (null). */
  changed(roomId: RoomId, userId: UserId | null): void;
  /** The person is no longer in the room. */
  removed(roomId: RoomId, userId: UserId): void;
  /** A change could not be looked up: what the person sees may be wrong from now on. */
  failed(userId: UserId, error: unknown): void;
}

/** What views work with. */
export interface RoomViewsOptions {
  readonly feed: Feed;
  readonly eventLog: RoomEventLog;
  readonly rooms: RoomStore;
  readonly listener: RoomViewsListener;
}

/**
 * How rooms look to the members who are connected, in memory and kept exact by the notices: a post in a room of a
 * thousand connected members reads nothing from storage, and members who are away cost nothing at all.
 */
export class RoomViews {
  readonly #rooms: ViewedRooms;
  readonly #readStates: RoomStore["readStates"];
  readonly #loader: ViewLoader;
  readonly #listener: RoomViewsListener;
  readonly #people = new Map<UserId, Person>();
  /** People of whom something is being read. */
  readonly #reading = new Set<Person>();
  readonly #unsubscribe: () => void;

  /** Listens from now on; the stores of `rooms` hear of everything before. */
  constructor({ feed, eventLog, rooms, listener }: RoomViewsOptions) {
    this.#rooms = new ViewedRooms(eventLog, rooms.accesses);
    this.#readStates = rooms.readStates;
    this.#loader = new ViewLoader(this.#rooms, rooms.readStates);
    this.#listener = listener;
    this.#unsubscribe = feed.subscribe("view", (notice) => this.#handle(notice));
  }

  /** Loads the rooms of a person and keeps them exact until `release`. */
  async hold(userId: UserId): Promise<void> {
    let person = this.#people.get(userId);
    if (person === undefined) {
      person = newPerson(userId);
      this.#people.set(userId, person);
    }
    person.holderCount++;
    try {
      if (!person.isLoaded) await (person.loading ??= this.#load(person));
    } catch (error) {
      this.release(userId);
      throw error;
    }
  }

  /** Resolves when no room of a person who is held is being read again: a join that was answered counts from then on. */
  async settled(userId: UserId): Promise<void> {
    const person = this.#people.get(userId);
    while (person !== undefined && person.reloading.size > 0) {
      await new Promise<void>((resolve) => person.waiters.push(resolve));
    }
  }

  /** Forgets a person's rooms once nobody needs them. */
  release(userId: UserId): void {
    const person = this.#people.get(userId);
    if (person === undefined || --person.holderCount > 0) return;
    this.#people.delete(userId);
    for (const roomId of person.roomIds) this.#drop(person, roomId);
  }

  /** Gives all rooms of a person who is held. */
  summariesOf(userId: UserId): RoomSummary[] {
    const roomIds = [...this.#people.get(userId)?.roomIds ?? []];
    return roomIds.flatMap((roomId) => this.summaryOf(roomId, userId) ?? []);
  }

  /** Gives one room of a person who is held; null when it is not in it. */
  summaryOf(roomId: RoomId, userId: UserId): RoomSummary | null {
    const room = this.#rooms.get(roomId);
    const view = room?.views.get(userId);
    return room === null || view === undefined ? null : toSummary(room, userId, view);
  }

  /** Gives one room of anybody; null when there is no such room or they are not in it. */
  async findSummary(userId: UserId, roomId: RoomId): Promise<RoomSummary | null> {
    const room = await this.#rooms.hold(roomId);
    if (room === null) return null;
    try {
      for (;;) {
        const { head } = room;
        const view = await this.#loader.load(userId, roomId);
        if (view === null) return null;
        this.#rooms.release(roomId);
        // What was posted between the two reads may be their own, and read.
        if (room.head === head) return toSummary(room, userId, view);
      }
    } finally {
      this.#rooms.release(roomId);
    }
  }

  /** Gives a room that somebody held is in. */
  room(roomId: RoomId): ViewedRoom | null {
    return this.#rooms.get(roomId);
  }

  /** Stops listening. */
  close(): void {
    this.#unsubscribe();
  }

  async #load(person: Person): Promise<void> {
    this.#reading.add(person);
    try {
      while (!person.isLoaded && person.holderCount > 0) {
        const { generation } = person;
        const views = await this.#loader.loadAll(person.userId);
        const isCurrent = generation === person.generation && person.holderCount > 0;
        for (const [roomId, view] of views) {
          if (isCurrent) this.#install(person, roomId, view);
          else this.#rooms.release(roomId);
        }
        person.isLoaded = isCurrent;
      }
    } finally {
      person.loading = null;
      this.#settle(person);
    }
  }

  /** Looks at one room of a loaded person again, because what changed is not in memory. */
  async #reload(person: Person, roomId: RoomId): Promise<void> {
    if (person.reloading.has(roomId)) return;
    person.reloading.add(roomId);
    this.#reading.add(person);
    try {
      for (let isDone = false; !isDone && person.holderCount > 0;) {
        const { generation } = person;
        const view = await this.#loader.load(person.userId, roomId);
        isDone = generation === person.generation && person.holderCount > 0;
        if (isDone) this.#replace(person, roomId, view);
        else if (view !== null) this.#rooms.release(roomId);
      }
    } catch (error) {
      this.#listener.failed(person.userId, error);
    } finally {
      person.reloading.delete(roomId);
      this.#settle(person);
    }
  }

  #install(person: Person, roomId: RoomId, view: RoomView): void {
    const room = this.#rooms.get(roomId);
    if (room === null) return;
    // The hold of the view that was there is given back; the new one keeps its own.
    if (room.views.has(person.userId)) this.#rooms.release(roomId);
    room.views.set(person.userId, view);
    person.roomIds.add(roomId);
  }

  #replace(person: Person, roomId: RoomId, view: RoomView | null): void {
    if (view === null) return this.#remove(person, roomId);
    this.#install(person, roomId, view);
    this.#listener.changed(roomId, person.userId);
  }

  #remove(person: Person, roomId: RoomId): void {
    if (this.#drop(person, roomId)) this.#listener.removed(roomId, person.userId);
  }

  #drop(person: Person, roomId: RoomId): boolean {
    person.roomIds.delete(roomId);
    const hadView = this.#rooms.get(roomId)?.views.delete(person.userId) ?? false;
    if (hadView) this.#rooms.release(roomId);
    return hadView;
  }

  #settle(person: Person): void {
    if (person.loading !== null || person.reloading.size > 0) return;
    this.#reading.delete(person);
    for (const resolve of person.waiters.splice(0)) resolve();
  }

  #handle(notice: Notice): void {
    if (notice.type === "read_state_changed") {
      const person = this.#touch(notice.userId);
      if (person?.isLoaded) this.#refresh(person, notice.roomId);
    } else if (isRoomNotice(notice)) {
      const { streamId: roomId, events, messageCount } = notice;
      this.#rooms.hear(notice);
      for (const event of events) this.#apply(roomId, event);
      const last = events.at(-1);
      if (last === undefined) return;
      this.#rooms.advance(roomId, { offset: last.offset, messageCount });
      if (this.#rooms.get(roomId) !== null) this.#listener.changed(roomId, null);
    }
  }

  #apply(roomId: RoomId, event: RoomEvent): void {
    switch (event.type) {
      case "message_sent": {
        const sender = this.#touch(event.by);
        if (sender?.isLoaded) this.#refresh(sender, roomId);
        for (const userId of event.message.mentions) {
          if (userId === event.by) continue;
          this.#touch(userId);
          const view = this.#rooms.get(roomId)?.views.get(userId);
          // Where others write too, the mark may be heard of before the message.
          const isUnread = view !== undefined && event.messageOffset > readPosition(view.state).readOffset;
          if (isUnread) view.mentions.add(event.messageOffset);
        }
        break;
      }
      case "message_edited":
      case "message_deleted":
        for (const person of this.#reading) person.generation++;
        this.#changeMentions(roomId, event.message);
        break;
      case "member_joined":
      case "member_left": {
        const person = this.#touch(event.userId);
        if (!person?.isLoaded) break;
        if (event.type === "member_joined") void this.#reload(person, roomId);
        else this.#remove(person, roomId);
        break;
      }
      case "room_updated":
        this.#rooms.update(roomId, event.room);
        break;
    }
  }

  #touch(userId: UserId): Person | undefined {
    const person = this.#people.get(userId);
    if (person !== undefined) person.generation++;
    return person;
  }

  /** Takes a read state that changed; what cannot be told from memory is read. */
  #refresh(person: Person, roomId: RoomId): void {
    const view = this.#rooms.get(roomId)?.views.get(person.userId);
    const state = this.#readStates.peek(person.userId, roomId);
    if (view === undefined && !person.reloading.has(roomId)) return;
    if (view === undefined || state === undefined) return void this.#reload(person, roomId);
    const hasGrown = readPosition(state).readCount >= readPosition(view.state).readCount;
    if (!hasGrown) return void this.#reload(person, roomId);
    view.state = state;
    view.mentions.dropUpTo(readPosition(state).readOffset);
    if (view.mentions.isStale) return void this.#reload(person, roomId);
    this.#listener.changed(roomId, person.userId);
  }

  #changeMentions(roomId: RoomId, message: Message): void {
    for (const [userId, view] of this.#rooms.get(roomId)?.views ?? []) {
      const isUnread = message.offset > readPosition(view.state).readOffset;
      const isMentioned = message.by !== userId && message.mentions.includes(userId);
      if (isMentioned && isUnread) view.mentions.add(message.offset);
      else view.mentions.delete(message.offset);
      const person = this.#people.get(userId);
      if (view.mentions.isStale && person !== undefined) void this.#reload(person, roomId);
    }
  }
}

/** The room as a member sees it. */
export function toSummary(room: ViewedRoom, userId: UserId, { state, mentions }: RoomView): RoomSummary {
  const { roomId, row, head } = room;
  return summarize({ roomId, row, head, state, mentionCount: mentions.count, userId });
}
