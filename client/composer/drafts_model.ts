import { computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { DRAFT_DEBOUNCE_MS } from "../../shared/limits.ts";

/** Where drafts are kept; `localStorage` has this form. */
export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
/** Calls `run` once after a delay; the answer takes that back. */
export type Schedule = (run: () => void, delayMs: number) => () => void;

/** What the drafts stand on. */
export interface DraftsOptions {
  /** Drafts belong to an account: another person on the same device sees none of them. */
  readonly userId: UserId;
  readonly storage: DraftStorage;
  readonly schedule?: Schedule;
}

/** A draft that another tab has written. */
export interface ReceivedDraft {
  readonly roomId: RoomId;
  readonly text: string;
}

/** What `listen` needs of a window. */
export type DraftEvents = Pick<EventTarget, "addEventListener" | "removeEventListener">;

/** Unsent texts, one a room, kept on this device and shared between its tabs. */
export class DraftsModel {
  /** The last draft of another tab that a composer may take over. */
  readonly received: Signal<ReceivedDraft | null> = signal(null);
  /** Rooms with an unsent text, for the pencil in the room list. */
  readonly rooms: ReadonlySignal<ReadonlySet<RoomId>>;
  readonly #written: Signal<ReadonlySet<RoomId>> = signal(new Set());
  readonly #texts = new Map<RoomId, string>();
  readonly #unsaved = new Set<RoomId>();
  readonly #storage: DraftStorage;
  readonly #schedule: Schedule;
  readonly #prefix: string;
  #cancelTimer: (() => void) | null = null;
  #heldRoom: RoomId | null = null;

  /** Reads every draft of the account. */
  constructor({ userId, storage, schedule = scheduleByTimer }: DraftsOptions) {
    this.#storage = storage;
    this.#schedule = schedule;
    this.#prefix = `parley.draft.${userId}.`;
    this.rooms = computed(() => this.#written.value);
    for (const roomId of this.#storedRooms()) this.#texts.set(roomId, this.#read(roomId));
    this.#mark();
  }

  /** Says whether a room has an unsent text; a signal read. */
  hasDraft(roomId: RoomId): boolean {
    return this.rooms.value.has(roomId);
  }

  /** Gives the unsent text of a room, "" when there is none. */
  text(roomId: RoomId): string {
    return this.#texts.get(roomId) ?? "";
  }

  /** Keeps a text; it is written after a pause in the typing. */
  set(roomId: RoomId, text: string): void {
    if (this.text(roomId) === text) return;
    this.#texts.set(roomId, text);
    this.#unsaved.add(roomId);
    this.#cancelTimer?.();
    this.#cancelTimer = this.#schedule(() => this.flush(), DRAFT_DEBOUNCE_MS);
  }

  /** Writes what is still waiting: on a change of room, on send, when the page goes. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (const roomId of this.#unsaved) this.#write(roomId, this.text(roomId));
    this.#unsaved.clear();
    this.#mark();
  }

  /** Names the room whose composer has the focus: drafts of other tabs never overwrite it. */
  hold(roomId: RoomId | null): void {
    this.#heldRoom = roomId;
  }

  /** Takes what another tab has written under a storage key. */
  receive(key: string, value: string | null): void {
    if (!key.startsWith(this.#prefix)) return;
    const roomId = key.slice(this.#prefix.length) as RoomId;
    if (roomId === this.#heldRoom || this.#unsaved.has(roomId)) return;
    const text = value ?? "";
    this.#texts.set(roomId, text);
    this.#mark();
    this.received.value = { roomId, text };
  }

  /** Follows other tabs and the end of the page; the answer stops that. */
  listen(events: DraftEvents): () => void {
    const onStorage = (event: Event) => {
      const { key, newValue } = event as StorageEvent;
      if (key !== null) this.receive(key, newValue);
    };
    const onHide = () => this.flush();
    events.addEventListener("storage", onStorage);
    events.addEventListener("pagehide", onHide);
    // A phone may kill a hidden page without `pagehide`.
    events.addEventListener("visibilitychange", onHide, true);
    return () => {
      events.removeEventListener("storage", onStorage);
      events.removeEventListener("pagehide", onHide);
      events.removeEventListener("visibilitychange", onHide, true);
    };
  }

  /** Forgets every draft of the account, as on sign-out. */
  clear(): void {
    for (const roomId of [...this.#texts.keys()]) this.set(roomId, "");
    this.flush();
  }

  #mark(): void {
    const written = [...this.#texts].filter(([, text]) => text.trim() !== "").map(([roomId]) => roomId);
    const before = this.#written.peek();
    const isSame = written.length === before.size && written.every((roomId) => before.has(roomId));
    if (!isSame) this.#written.value = new Set(written);
  }

  #storedRooms(): RoomId[] {
    const rooms: RoomId[] = [];
    try {
      for (let i = 0; i < this.#storage.length; i++) {
        const key = this.#storage.key(i);
        if (key?.startsWith(this.#prefix)) rooms.push(key.slice(this.#prefix.length) as RoomId);
      }
    } catch {
      // A browser may forbid storage; drafts then live as long as the page.
    }
    return rooms;
  }

  #read(roomId: RoomId): string {
    return this.#storage.getItem(this.#prefix + roomId) ?? "";
  }

  #write(roomId: RoomId, text: string): void {
    try {
      if (text === "") this.#storage.removeItem(this.#prefix + roomId);
      else this.#storage.setItem(this.#prefix + roomId, text);
    } catch {
      // Full or forbidden storage: the draft stays in memory.
    }
  }
}

function scheduleByTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
