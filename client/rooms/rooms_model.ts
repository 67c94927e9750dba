import { batch, computed, effect, signal, untracked } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomsChange } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Room, RoomKind, RoomSummary } from "../../shared/room.ts";
import { dispatchSignal } from "../../shared/signals.ts";
import type { SignalHandlers, SignalKind } from "../../shared/signals.ts";
import type { Trpc } from "../net/trpc.ts";
import { steady } from "../ui/steady.ts";
import { ReadMarker } from "./read_marker.ts";
import { arrangementKey, arrangeRooms, EMPTY_SECTIONS, inDisplayOrder } from "./sidebar_sections.ts";
import type { RoomEntry, SidebarSections } from "./sidebar_sections.ts";

/** A pointer that has rested this long looks at something else. */
const HOLD_MS = 3_000;

/** What the rooms stand on. */
export interface RoomsOptions {
  readonly api: Pick<Trpc["rooms"], "create" | "openDirect" | "join" | "leave" | "markRead" | "onChange">;
  readonly me: UserId;
  readonly nameOf: (userId: UserId) => string;
  /** What the subscription carries beside rooms; a change subscribes anew. */
  readonly also: ReadonlySignal<readonly SignalKind[]>;
  readonly onHeads: (heads: Readonly<Record<RoomId, number>>) => void;
  /** What to do with signals that come along. */
  readonly signals: SignalHandlers;
  /** The room was left, or taken away. */
  readonly onRemoved: (roomId: RoomId) => void;
}

/** A room that `#name` in a text leads to. */
export interface NamedRoom {
  readonly id: RoomId;
  readonly name: string;
  readonly isPrivate: boolean;
}

/** All rooms of the signed-in person, as `rooms.onChange` tells of them. */
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

  /** Every room by id, own reading included. */
  readonly rooms: ReadonlySignal<ReadonlyMap<RoomId, RoomSummary>> = this.#rooms;
  /** False until the first snapshot. */
  readonly isReady: ReadonlySignal<boolean> = this.#isReady;
  /** The sidebar's sections. */
  readonly sections: ReadonlySignal<SidebarSections> = this.#sections;
  /** Rooms with their titles; the entry of a room that has not changed stays the same object. */
  readonly entries: ReadonlySignal<ReadonlyMap<RoomId, RoomEntry>> = computed(() => {
    const entries = [...this.#rooms.value.values()].map((room) => [room.id, this.#entryOf(room)] as const);
    return new Map(entries);
  });
  /** Rooms that can be named; the same list until one of them comes, goes or is called otherwise. */
  readonly named: ReadonlySignal<readonly NamedRoom[]> = steady(() =>
    [...this.#rooms.value.values()].filter((room) => room.kind !== "direct" && room.archivedAt === null)
      .map(({ id, name, kind }) => ({ id, name, isPrivate: kind === "private" }))
  );
  readonly #arranged = steady(() => [...this.entries.value.values()], arrangementKey);
  /** Unread messages in all rooms together, for the title of the page. */
  readonly unreadCount: ReadonlySignal<number> = computed(() => {
    let count = 0;
    for (const room of this.#rooms.value.values()) if (room.archivedAt === null) count += room.unread;
    return count;
  });

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#reads = new ReadMarker(options.api);
  }

  /** Subscribes, and keeps the sidebar's order. */
  start(): void {
    this.#stops.push(effect(() => {
      const also = [...this.#options.also.value];
      const subscription = untracked(() =>
        this.#options.api.onChange.subscribe(also.length === 0 ? {} : { also }, {
          onData: (change) => this.apply(change),
        })
      );
      return () => subscription.unsubscribe();
    }));
    this.#stops.push(effect(() => {
      const how = { current: this.#current.value, isHeld: this.#isHeld.value };
      this.#sections.value = arrangeRooms(this.#arranged.value, this.#sections.peek(), how);
    }));
  }

  /** Takes in what the server tells; the only place where rooms change. */
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

  /** Gives a room that one is a member of. */
  find(roomId: RoomId): RoomSummary | null {
    return this.#rooms.value.get(roomId) ?? null;
  }

  /** Gives what a room is called here. */
  titleOf(room: Room): string {
    if (room.kind !== "direct") return room.name;
    const peer = this.peerOf(room.id);
    return peer === null ? "Direct message" : this.#options.nameOf(peer);
  }

  /** Gives the other person of a direct room. */
  peerOf(roomId: RoomId): UserId | null {
    return this.#rooms.value.get(roomId)?.otherUserId ?? null;
  }

  /** Says which room is open, so that it keeps its place in the list. */
  setCurrent(roomId: RoomId | null): void {
    this.#current.value = roomId;
  }

  /** Holds the list still for a while, because somebody points at it. */
  hold(): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => this.release(), HOLD_MS);
    this.#isHeld.value = true;
  }

  /** Lets the list order itself again. */
  release(): void {
    clearTimeout(this.#holdTimer);
    this.#isHeld.value = false;
  }

  /** Finds the room above or below the open one, or the next with something unread; null when there is none. */
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

  /** Moves the own read marker at once here, and soon on the server. */
  markRead(roomId: RoomId, offset: number, isUnread: boolean): void {
    const room = this.#rooms.peek().get(roomId);
    if (room === undefined) return;
    if (isUnread) {
      void this.#reads.unmark(roomId, offset).catch(() => {});
      return;
    }
    this.#reads.mark(roomId, offset);
    this.#put(room);
  }

  /** Makes a room and gives it back; it is in the list with the next change. */
  create(input: { name: string; kind: Exclude<RoomKind, "direct">; topic?: string }): Promise<Room> {
    return this.#options.api.create.mutate(input);
  }

  /** Opens the direct room with a person; the same one each time. */
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
