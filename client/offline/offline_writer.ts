import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { parsePosition } from "../../shared/position.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Me, User } from "../../shared/user.ts";
import {
  byImportance,
  copyOf,
  namedOn,
  OFFLINE_LISTED_MAX_COUNT,
  OFFLINE_ROOMS_MAX_COUNT,
  OFFLINE_USERS_MAX_COUNT,
  sizeOf,
  withinSize,
} from "./offline_copy.ts";
import type { LastPage, RoomRow, WorkspaceRow } from "./offline_copy.ts";
import type { OfflineStore } from "./offline_store.ts";

/** Changes within this time are written together. */
const WRITE_AFTER_MS = 1_000;
/** Rooms that this tab does not follow are read one after the other, with this pause. */
const READ_INTERVAL_MS = 3_000;
/** A busy room is read no more often. */
const READ_AGAIN_MS = 120_000;

/** What is stored on this device for a start without network. */
export type OfflineState =
  /** This tab stores nothing yet; another one may do. */
  | { readonly type: "elsewhere" }
  | { readonly type: "stored"; readonly roomCount: number; readonly bytes: number }
  /** The browser has no space, or stores nothing at all. */
  | { readonly type: "full" | "refused" };

/** Options of `OfflineWriter`. */
export interface OfflineWriterOptions {
  readonly open: () => Promise<OfflineStore>;
  /** Deletes everything that is stored. */
  readonly forget: () => Promise<void>;
  readonly me: () => Me;
  /** All rooms, in the order in which they are shown. */
  readonly rooms: () => Iterable<RoomSummary>;
  readonly findUser: (userId: UserId) => User | undefined;
  /** Returns the end of a room that this tab follows; null if it does not. */
  readonly pageOf: (roomId: RoomId) => LastPage | null;
  /** Reads the end of a room from the server. */
  readonly readPage: (roomId: RoomId) => Promise<LastPage>;
  /** Whether the connection is open. */
  readonly isOpen: () => boolean;
  /** Resolves when the tab has nothing else to do. */
  readonly idle: () => Promise<void>;
  /** The writer has stopped, since the browser does not store. */
  readonly onProblem: (type: "full" | "refused") => void;
  readonly now?: () => number;
}

/** What is known of a stored room. */
interface Stored {
  readonly position: string;
  readonly openedAt: number;
  readonly bytes: number;
  readonly named: readonly UserId[];
}

/** Stores the list of rooms and their last pages, a moment after they have changed. Only one tab at a time may do so. */
export class OfflineWriter implements Disposable {
  readonly #options: OfflineWriterOptions;
  readonly #now: () => number;
  readonly #state = signal<OfflineState>({ type: "elsewhere" });
  readonly #stored = new Map<RoomId, Stored>();
  readonly #readAt = new Map<RoomId, number>();
  readonly #openedAt = new Map<RoomId, number>();
  #store: OfflineStore | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = 0;
  #isRunning = false;
  #isDisposed = false;
  readonly #ended = Promise.withResolvers<void>();

  /** Resolves when this writer has stopped, for whatever reason: another tab may go on. */
  readonly ended: Promise<void> = this.#ended.promise;
  /** What is stored. */
  readonly state: ReadonlySignal<OfflineState> = this.#state;

  constructor(options: OfflineWriterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Starts to store; what another session has left is deleted first. */
  async start(): Promise<void> {
    try {
      const store = await this.#options.open();
      if (this.#isDisposed) return store.close();
      this.#store = store;
      const rows = await store.list();
      const copy = copyOf(rows);
      if (copy?.workspace.me.sessionId === this.#options.me().sessionId) {
        for (const row of copy?.rooms ?? []) this.#remember(row);
      } else for (const { key } of rows) await store.remove(key);
      this.changed();
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Something may have changed. */
  changed(): void {
    this.#schedule(WRITE_AFTER_MS);
  }

  /** The user has opened a room. */
  opened(roomId: RoomId): void {
    this.#openedAt.set(roomId, this.#now());
    this.changed();
  }

  /** Writes what has changed now, as the page may end. */
  flush(): void {
    if (this.#timer === undefined) return;
    this.#unschedule();
    void this.#run();
  }

  /** Stops; what is stored stays. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#unschedule();
    this.#store?.close();
    this.#store = null;
    this.#ended.resolve();
  }

  #schedule(ms: number): void {
    const dueAt = this.#now() + ms;
    if (this.#store === null || (this.#timer !== undefined && this.#dueAt <= dueAt)) return;
    this.#unschedule();
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#options.idle().then(() => this.#run());
    }, ms);
  }

  #unschedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(): Promise<void> {
    // What is shown without connection is what is stored already.
    if (this.#store === null || !this.#options.isOpen()) return;
    if (this.#isRunning) return this.changed();
    this.#isRunning = true;
    try {
      await this.#write(this.#store);
    } catch (error) {
      await this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
  }

  async #write(store: OfflineStore): Promise<void> {
    const { rooms, pageOf } = this.#options;
    const sorted = byImportance(rooms(), (roomId) => this.#openedAtOf(roomId));
    const chosen = sorted.slice(0, OFFLINE_ROOMS_MAX_COUNT);
    const ids = new Set(chosen.map(({ id }) => id));
    for (const roomId of this.#stored.keys()) if (!ids.has(roomId)) await this.#drop(store, roomId);
    for (const { id } of chosen) await this.#put(store, id, pageOf(id));
    await store.put(this.#workspaceRow(sorted.slice(0, OFFLINE_LISTED_MAX_COUNT)));
    this.#report();
    const outdated = chosen.filter((room) => this.#isOutdated(room));
    const next = outdated.find(({ id }) => this.#mayReadAt(id) <= this.#now());
    if (next !== undefined) await this.#read(store, next.id);
    const waitMs = Math.min(...outdated.map(({ id }) => this.#mayReadAt(id))) - this.#now();
    if (outdated.length > 0) this.#schedule(Math.max(waitMs, READ_INTERVAL_MS));
  }

  async #read(store: OfflineStore, roomId: RoomId): Promise<void> {
    this.#readAt.set(roomId, this.#now());
    const page = await this.#options.readPage(roomId).catch(() => null);
    // The user may have left the room, or signed out.
    const isThere = [...this.#options.rooms()].some(({ id }) => id === roomId);
    if (isThere && this.#store !== null) await this.#put(store, roomId, page);
  }

  async #put(store: OfflineStore, roomId: RoomId, whole: LastPage | null): Promise<void> {
    const known = this.#stored.get(roomId);
    const openedAt = this.#openedAtOf(roomId);
    if (whole === null || (known?.position === whole.position && known.openedAt === openedAt)) return;
    const row: RoomRow = { key: roomId, page: withinSize(whole), openedAt };
    await store.put(row);
    this.#remember(row);
  }

  async #drop(store: OfflineStore, roomId: RoomId): Promise<void> {
    await store.remove(roomId);
    this.#stored.delete(roomId);
    this.#readAt.delete(roomId);
  }

  #remember({ key, page, openedAt }: RoomRow): void {
    this.#stored.set(key, { position: page.position, openedAt, bytes: sizeOf(page), named: namedOn(page) });
  }

  #workspaceRow(rooms: readonly RoomSummary[]): WorkspaceRow {
    const { me, findUser } = this.#options;
    const named = [
      ...rooms.flatMap(({ otherUserId }) => otherUserId ?? []),
      ...[...this.#stored.values()].flatMap((room) => room.named),
    ];
    const users = [...new Set(named)].slice(0, OFFLINE_USERS_MAX_COUNT).flatMap((id) => findUser(id) ?? []);
    return { key: "workspace", me: me(), rooms, users, at: this.#now() };
  }

  #openedAtOf(roomId: RoomId): number {
    return this.#openedAt.get(roomId) ?? this.#stored.get(roomId)?.openedAt ?? 0;
  }

  #isOutdated({ id, head }: RoomSummary): boolean {
    const stored = this.#stored.get(id);
    return stored === undefined || parsePosition(stored.position)?.offset !== head;
  }

  #mayReadAt(roomId: RoomId): number {
    return (this.#readAt.get(roomId) ?? -Infinity) + READ_AGAIN_MS;
  }

  #report(): void {
    const bytes = [...this.#stored.values()].reduce((sum, room) => sum + room.bytes, 0);
    this.#state.value = { type: "stored", roomCount: this.#stored.size, bytes };
  }

  /** Nothing is better than a copy that cannot be updated: it might show what was deleted since. */
  async #fail(error: unknown): Promise<void> {
    // The tab has signed out, or another one has.
    const isDeleted = error instanceof DOMException && error.name === "InvalidStateError";
    const isOver = this.#isDisposed || isDeleted;
    this[Symbol.dispose]();
    if (isOver) return;
    const type = error instanceof DOMException && error.name === "QuotaExceededError" ? "full" : "refused";
    this.#state.value = { type };
    this.#options.onProblem(type);
    await this.#options.forget();
  }
}
