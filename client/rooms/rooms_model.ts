import { batch, computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomsChange } from "../../shared/event.ts";
import type { RoomId, TabId, UserId } from "../../shared/ids.ts";
import type { Room, RoomKind, RoomSummary } from "../../shared/room.ts";
import { dispatchSignal } from "../../shared/signals.ts";
import type { SignalHandlers, SignalKind } from "../../shared/signals.ts";
import { keepSubscribed } from "../net/keep_subscribed.ts";
import type { Trpc } from "../net/trpc.ts";
import { readFailure } from "../ui/failure.ts";
import { steady } from "../ui/steady.ts";
import { ReadMarker } from "./read_marker.ts";
import { arrangementKey, arrangeRooms, EMPTY_SECTIONS, inDisplayOrder } from "./sidebar_sections.ts";
import type { RoomEntry, SidebarSections } from "./sidebar_sections.ts";

/** After a rest of this length, the pointer is no longer considered to be over the list. */
const HOLD_MS = 3_000;

/** Options of `RoomsModel`. */
export interface RoomsOptions {
  readonly api: Pick<Trpc["rooms"], "create" | "openDirect" | "join" | "leave" | "markRead" | "onChange">;
  readonly me: UserId;
  readonly nameOf: (userId: UserId) => string;
  /** Signals to subscribe to along with rooms; a change subscribes again. */
  readonly also: ReadonlySignal<readonly SignalKind[]>;
  /** The tab for which signals of calls are; needed as soon as `also` has them. */
  readonly tabId: () => TabId | null;
  readonly onHeads: (heads: Readonly<Record<RoomId, number>>) => void;
  /** Handlers of these signals. */
  readonly signals: SignalHandlers;
  /** Something failed: a sentence for a toast. */
  readonly onNotice: (text: string) => void;
  /** The user has left a room, or was removed. */
  readonly onRemoved: (roomId: RoomId) => void;
}

/** A room that `#name` in a text can link to. */
export interface NamedRoom {
  readonly id: RoomId;
  readonly name: string;
  readonly isPrivate: boolean;
}

/** All rooms of the user, kept up to date by `rooms.onChange`. */
export class RoomsModel {
  readonly #options: RoomsOptions;
  readonly #reads: ReadMarker;
  readonly #rooms = signal<ReadonlyMap<RoomId, RoomSummary>>(new Map());
  readonly #sections = signal<SidebarSections>(EMPTY_SECTIONS);
  readonly #isReady = signal(false);
  readonly #current = signal<RoomId | null>(null);
  readonly #isHeld = signal(false);
  readonly #stops: (() => void)[] = [];
  readonly #known = new WeakMap<RoomSummary, RoomEntry>();
  #holdTimer: ReturnType<typeof setTimeout> | undefined;

  /** All rooms by id, with the read markers of this tab applied. */
  readonly rooms: ReadonlySignal<ReadonlyMap<RoomId, RoomSummary>> = this.#rooms;
  /** False until the first snapshot. */
  readonly isReady: ReadonlySignal<boolean> = this.#isReady;
  /** The sections of the sidebar. */
  readonly sections: ReadonlySignal<SidebarSections> = this.#sections;
  /** Rooms with their titles; the entry of a room that has not changed stays the same object. */
  readonly entries: ReadonlySignal<ReadonlyMap<RoomId, RoomEntry>> = computed(() => {
    const entries = [...this.#rooms.value.values()].map((room) => [room.id, this.#entryOf(room)] as const);
    return new Map(entries);
  });
  /** Rooms that can be linked; the same list until one is added, removed or renamed. */
  readonly named: ReadonlySignal<readonly NamedRoom[]> = steady(() =>
    [...this.#rooms.value.values()].filter((room) => room.kind !== "direct" && room.archivedAt === null)
      .map(({ id, name, kind }) => ({ id, name, isPrivate: kind === "private" }))
  );
  readonly #arranged = steady(() => [...this.entries.value.values()], arrangementKey);
  /** The number of unread messages in all rooms, for the page title. */
  readonly unreadCount: ReadonlySignal<number> = computed(() => {
    let count = 0;
    for (const room of this.#rooms.value.values()) if (room.archivedAt === null) count += room.unread;
    return count;
  });

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#reads = new ReadMarker(options.api);
  }

  /** Subscribes, and keeps the sidebar up to date. */
  start(): void {
    const { api, also, tabId } = this.#options;
    this.#stops.push(keepSubscribed(
      () => also.value,
      (kinds) => {
        const tab = kinds.includes("signals") ? tabId() : null;
        const input = { ...kinds.length > 0 && { also: [...kinds] }, ...tab !== null && { tabId: tab } };
        return api.onChange.subscribe(input, { onData: (change) => this.apply(change) });
      },
    ));
    this.#stops.push(effect(() => {
      const how = { current: this.#current.value, isHeld: this.#isHeld.value };
      this.#sections.value = arrangeRooms(this.#arranged.value, this.#sections.peek(), how);
    }));
  }

  /** Applies a change from the server; nothing else changes rooms. */
  apply(change: RoomsChange): void {
    switch (change.type) {
      case "snapshot":
        return this.#applySnapshot(change.rooms);
      case "room_changed":
        return this.#put(change.room);
      case "room_removed":
        return this.#remove(change.roomId);
      case "heads":
        return this.#options.onHeads(change.heads);
      default:
        return dispatchSignal(change, this.#options.signals);
    }
  }

  /** Returns a room of which the user is a member. */
  find(roomId: RoomId): RoomSummary | null {
    return this.#rooms.value.get(roomId) ?? null;
  }

  /** Returns the displayed name of a room. */
  titleOf(room: Room): string {
    if (room.kind !== "direct") return room.name;
    const peer = this.peerOf(room.id);
    return peer === null ? "Direct message" : this.#options.nameOf(peer);
  }

  /** Returns the other user of a direct room. */
  peerOf(roomId: RoomId): UserId | null {
    return this.#rooms.value.get(roomId)?.otherUserId ?? null;
  }

  /** Sets the open room, which keeps its place in the list. */
  setCurrent(roomId: RoomId | null): void {
    this.#current.value = roomId;
  }

  /** Keeps the order of the list while the pointer is over it. */
  hold(): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => this.release(), HOLD_MS);
    this.#isHeld.value = true;
  }

  /** Allows the list to be reordered again. */
  release(): void {
    clearTimeout(this.#holdTimer);
    this.#isHeld.value = false;
  }

  /** Finds the room above or below the open one, or the next one with unread messages; null if there is none. */
  neighbour(step: 1 | -1, which: "any" | "unread"): RoomId | null {
    const order = inDisplayOrder(this.#sections.peek());
    const current = this.#current.peek();
    const start = current === null ? (step === 1 ? -1 : order.length) : order.indexOf(current);
    for (let i = 1; i <= order.length; i++) {
      const id = order[(start + step * i + order.length * 2) % order.length];
      if (id === undefined || id === current) continue;
      if (which === "any" || (this.#rooms.peek().get(id)?.unread ?? 0) > 0) return id;
    }
    return null;
  }

  /** Moves the user's read marker, here at once and on the server soon. */
  markRead(roomId: RoomId, offset: number, isUnread: boolean): void {
    const room = this.#rooms.peek().get(roomId);
    if (room === undefined) return;
    if (isUnread) {
      this.#reads.unmark(roomId, offset).catch((error) => this.#options.onNotice(readFailure(error).text));
      return;
    }
    this.#reads.mark(roomId, offset);
    this.#put(room);
  }

  /** Creates a room and returns it; the next change adds it to the list. */
  create(input: { name: string; kind: Exclude<RoomKind, "direct">; topic?: string }): Promise<Room> {
    return this.#options.api.create.mutate(input);
  }

  /** Opens the direct room with a user; the same one each time. */
  openDirect(userId: UserId): Promise<Room> {
    return this.#options.api.openDirect.mutate({ userId });
  }

  /** Joins a public room. */
  join(roomId: RoomId): Promise<unknown> {
    return this.#options.api.join.mutate({ roomId });
  }

  /** Leaves a room. */
  leave(roomId: RoomId): Promise<unknown> {
    return this.#options.api.leave.mutate({ roomId });
  }

  /** Stops everything. */
  [Symbol.dispose](): void {
    clearTimeout(this.#holdTimer);
    for (const stop of this.#stops.splice(0)) stop();
    this.#reads[Symbol.dispose]();
  }

  #applySnapshot(rooms: readonly RoomSummary[]): void {
    const ids = new Set(rooms.map((room) => room.id));
    const gone = [...this.#rooms.peek().keys()].filter((id) => !ids.has(id));
    batch(() => {
      this.#rooms.value = new Map(rooms.map((room) => [room.id, this.#reads.overlay(room)]));
      this.#isReady.value = true;
    });
    this.#reads.resend(rooms);
    for (const id of gone) this.#options.onRemoved(id);
  }

  #put(room: RoomSummary): void {
    this.#rooms.value = new Map(this.#rooms.peek()).set(room.id, this.#reads.overlay(room));
  }

  #remove(roomId: RoomId): void {
    if (!this.#rooms.peek().has(roomId)) return;
    const rooms = new Map(this.#rooms.peek());
    rooms.delete(roomId);
    this.#rooms.value = rooms;
    this.#reads.forget(roomId);
    this.#options.onRemoved(roomId);
  }

  #entryOf(room: RoomSummary): RoomEntry {
    const title = this.titleOf(room);
    const known = this.#known.get(room);
    if (known?.title === title) return known;
    const entry = { room, title, peer: room.otherUserId };
    this.#known.set(room, entry);
    return entry;
  }
}
