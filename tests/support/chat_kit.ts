import { AppError } from "../../shared/errors.ts";
import type { RoomEvent, RoomsChange, StreamControl } from "../../shared/event.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import type { Message } from "../../shared/message.ts";
import type { RoomSummary } from "../../shared/room.ts";
import type { Role } from "../../shared/user.ts";
import { parseConfig } from "../../server/config.ts";
import { createServices } from "../../server/create_services.ts";
import type { CreatedServices } from "../../server/create_services.ts";
import type { Database } from "../../server/kv/database.ts";
import { IN_MEMORY, openDatabase } from "../../server/kv/open_database.ts";
import type { OpenedDatabase } from "../../server/kv/open_database.ts";
import { Log } from "../../server/log.ts";
import type { SinceAnswer, SinceOptions } from "../../server/messages/message_events.ts";
import type { SignalKind } from "../../shared/signals.ts";
import type { Services } from "../../server/services.ts";
import { waitFor } from "./wait.ts";

/** A person, as the stores see an actor. */
export interface Somebody {
  readonly userId: UserId;
  readonly name: string;
  readonly role: Role;
  readonly isBot: false;
}

/** Counts storage calls, to show what needs none. */
export class CountingDatabase implements Database {
  readonly #inner: Database;
  reads = 0;
  lists = 0;
  commits = 0;

  constructor(inner: Database) {
    this.#inner = inner;
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    this.reads++;
    return this.#inner.get(key);
  }

  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    if (keys.length > 0) this.reads++;
    return this.#inner.getMany(keys);
  }

  list<T>(...args: Parameters<Database["list"]>): Promise<Deno.KvEntry<T>[]> {
    this.lists++;
    return this.#inner.list(...args);
  }

  commit(...args: Parameters<Database["commit"]>): Promise<string | null> {
    this.commits++;
    return this.#inner.commit(...args);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  reset(): void {
    this.reads = this.lists = this.commits = 0;
  }
}

/** Collects what a person receives from an HTTP subscription, until `stop`. */
export class Reader<T> {
  readonly items: T[] = [];
  error: AppError | null = null;
  isEnded = false;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(open: (signal: AbortSignal) => AsyncGenerator<T>) {
    this.#done = this.#run(open(this.#abort.signal));
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #run(source: AsyncGenerator<T>): Promise<void> {
    try {
      for await (const item of source) this.items.push(item);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.error = error;
    } finally {
      this.isEnded = true;
    }
  }
}

/** Rooms and messages on a real database, without sockets; time only moves through `clock`. */
export class ChatKit implements AsyncDisposable {
  readonly services: Services;
  readonly db: CountingDatabase;
  readonly clock: { now: number };
  readonly #created: CreatedServices;
  readonly #database: OpenedDatabase;
  readonly #folder: string | null;
  readonly #readers: Reader<unknown>[] = [];
  #messageCount = 0;

  private constructor(
    parts: { created: CreatedServices; database: OpenedDatabase; folder: string | null },
    db: CountingDatabase,
    clock: { now: number },
  ) {
    this.services = parts.created.services;
    this.#created = parts.created;
    this.#database = parts.database;
    this.#folder = parts.folder;
    this.db = db;
    this.clock = clock;
  }

  static async open(kind: "memory" | "file" = "memory"): Promise<ChatKit> {
    const folder = kind === "file" ? await Deno.makeTempDir({ prefix: "parley-test-" }) : null;
    return await ChatKit.#openOn(await openDatabase(folder ?? IN_MEMORY), folder);
  }

  static async #openOn(database: OpenedDatabase, folder: string | null): Promise<ChatKit> {
    const clock = { now: Date.parse("2030-01-31T12:00:00Z") };
    const db = new CountingDatabase(database.db);
    const created = await createServices({
      config: parseConfig({ DATA_DIR: IN_MEMORY }),
      log: new Log({ level: "error", format: "text", write: () => {} }),
      database: { ...database, db },
      now: () => clock.now,
      publicUrl: () => "http://127.0.0.1",
    });
    return new ChatKit({ created, database, folder }, db, clock);
  }

  /** Returns what happened since a position, like the procedure. */
  since(
    options: Omit<SinceOptions, "resolve"> & Partial<Pick<SinceOptions, "resolve">>,
  ): Promise<SinceAnswer> {
    const { actor } = options;
    const resolve = async () => ({ ...actor, ...await this.services.users.find(actor.userId) });
    return this.services.messageEvents.since({ resolve, ...options });
  }

  /** Creates all services again on the same storage, as after a restart. Dispose of it before the first. */
  async again(wrap = (db: Database) => db): Promise<ChatKit> {
    const db = wrap(this.#database.db);
    return await ChatKit.#openOn({ ...this.#database, db, close: () => Promise.resolve() }, null);
  }

  async person(name: string, role: Role = "member"): Promise<Somebody> {
    const { row, commit } = await this.services.users.prepare({ name, role });
    await this.services.db.commit(commit);
    return { userId: row.id, name, role, isBot: false };
  }

  async room(
    maker: Somebody,
    options: { name?: string; kind?: "public" | "private"; with?: Somebody[] } = {},
  ): Promise<RoomId> {
    const { name = `Room ${crypto.randomUUID()}`, kind = "public", with: others = [] } = options;
    const { id } = await this.services.rooms.create({ name, kind, topic: "", by: maker.userId });
    for (const { userId } of others) {
      await this.services.rooms.members.join({ userId, roomId: id, by: maker.userId });
    }
    return id;
  }

  send(actor: Somebody, roomId: RoomId, text: string, id?: string): Promise<Message> {
    const clientMessageId = id ?? `m${++this.#messageCount}`;
    return this.services.messages.send(actor, { roomId, clientMessageId, text, replyTo: null });
  }

  /** Follows a room like an HTTP reader; yields positions and events. */
  follow(actor: Somebody, roomId: RoomId, lastEventId: string | null = null): Reader<Followed> {
    const { messageEvents } = this.services;
    return this.#track((signal) =>
      unwrap(messageEvents.subscribe({ actor, roomId, lastEventId, connection: null, signal }))
    );
  }

  /** Follows all rooms of a person like an HTTP reader, starting with a snapshot. */
  async watch(actor: Somebody, also: SignalKind[] = []): Promise<Reader<RoomsChange>> {
    const reader = this.#track<RoomsChange>((signal) =>
      this.services.roomsSubscription.changes({
        userId: actor.userId,
        key: "phone",
        connection: null,
        signal,
        also,
      })
    );
    await waitFor(() => reader.items.length > 0);
    return reader;
  }

  async summary(actor: Somebody, roomId: RoomId): Promise<RoomSummary> {
    const summary = await this.services.roomsSubscription.summaries.find(actor.userId, roomId);
    if (summary === null) throw new Error(`${actor.name} is not in the room`);
    return summary;
  }

  position(offset: number): string {
    return this.services.messageEvents.positionAt(offset);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const reader of this.#readers) await reader.stop();
    await this.#created.close();
    await this.#database.close();
    if (this.#folder !== null) await Deno.remove(this.#folder, { recursive: true });
  }

  #track<T>(open: (signal: AbortSignal) => AsyncGenerator<T>): Reader<T> {
    const reader = new Reader(open);
    this.#readers.push(reader as Reader<unknown>);
    return reader;
  }
}

/** A received event, with its position. */
export interface Followed {
  readonly position: string;
  readonly event: RoomEvent | StreamControl;
}

async function* unwrap(
  source: AsyncGenerator<unknown>,
): AsyncGenerator<Followed> {
  for await (const envelope of source) {
    const [position, event] = envelope as [string, RoomEvent | StreamControl];
    yield { position, event };
  }
}

/** The rooms as a reader knows them after the changes. */
export function roomsAfter(changes: readonly RoomsChange[]): Map<RoomId, RoomSummary> {
  const rooms = new Map<RoomId, RoomSummary>();
  for (const change of changes) {
    if (change.type === "snapshot") {
      rooms.clear();
      for (const room of change.rooms) rooms.set(room.id, room);
    } else if (change.type === "room_changed") rooms.set(change.room.id, change.room);
    else if (change.type === "room_removed") rooms.delete(change.roomId);
  }
  return rooms;
}
