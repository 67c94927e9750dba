import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import type { Me, User } from "../../shared/user.ts";
import { readAllPages } from "../net/read_all_pages.ts";
import type { Trpc } from "../net/trpc.ts";

type UsersApi = Pick<Trpc["users"], "list">;

/** Somebody unknown is looked up after this pause; a crowd that joins costs one look. */
const LOOK_AFTER_MS = 500;

/** Everybody that the signed-in person may see, by id. */
export class UsersModel {
  readonly #api: UsersApi;
  readonly #users = signal<ReadonlyMap<UserId, User>>(new Map());
  readonly #missing = new Set<UserId>();
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #loading: Promise<void> | null = null;

  /** The directory by id, people who were deactivated included. */
  readonly users: ReadonlySignal<ReadonlyMap<UserId, User>> = this.#users;

  constructor(api: UsersApi, me: Me) {
    this.#api = api;
    this.setMe(me);
  }

  /** Reads the whole directory; calls that come meanwhile share the answer. */
  load(): Promise<void> {
    this.#loading ??= this.#loadAll().finally(() => this.#loading = null);
    return this.#loading;
  }

  /** Gives an account, or null; somebody unknown is looked up once. */
  find(userId: UserId): User | null {
    const user = this.#users.value.get(userId);
    if (user === undefined) this.#look(userId);
    return user ?? null;
  }

  /** Gives a name to show. */
  nameOf(userId: UserId): string {
    return this.find(userId)?.name ?? "Somebody";
  }

  /** Takes in the own account, after a new name for example. */
  setMe(me: Me): void {
    const known = this.#users.peek().get(me.id);
    this.put({ id: me.id, name: me.name, role: me.role, isBot: known?.isBot ?? false, deactivatedAt: null });
  }

  /** Takes in one account. */
  put(user: User): void {
    this.#users.value = new Map(this.#users.peek()).set(user.id, user);
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#lookTimer);
  }

  #look(userId: UserId): void {
    // A second look at somebody who stayed unknown would repeat for ever: the person may not be seen.
    if (this.#missing.has(userId)) return;
    this.#missing.add(userId);
    clearTimeout(this.#lookTimer);
    this.#lookTimer = setTimeout(() => void this.load().catch(() => {}), LOOK_AFTER_MS);
  }

  async #loadAll(): Promise<void> {
    const users = await readAllPages((page) => this.#api.list.query(page));
    // Who is not in the list any more keeps the name under old messages.
    this.#users.value = new Map([...this.#users.peek(), ...users.map((user) => [user.id, user] as const)]);
  }
}
