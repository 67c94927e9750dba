import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { UserId } from "../../shared/ids.ts";
import type { Me, User } from "../../shared/user.ts";
import { readAllPages } from "../net/read_all_pages.ts";
import type { Trpc } from "../net/trpc.ts";

type UsersApi = Pick<Trpc["users"], "list">;

/** Unknown users are looked up after this pause, many at once. */
const LOOK_AFTER_MS = 500;

/** All users that the signed-in user may see, by id. */
export class UsersModel {
  readonly #api: UsersApi;
  readonly #users = signal<ReadonlyMap<UserId, User>>(new Map());
  readonly #missing = new Set<UserId>();
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #loading: Promise<void> | null = null;

  /** All users by id, including deactivated ones. */
  readonly users: ReadonlySignal<ReadonlyMap<UserId, User>> = this.#users;

  constructor(api: UsersApi, me: Me) {
    this.#api = api;
    this.setMe(me);
  }

  /** Loads all users; concurrent calls share the answer. */
  load(): Promise<void> {
    this.#loading ??= this.#loadAll().finally(() => this.#loading = null);
    return this.#loading;
  }

  /** Returns a user, or null; unknown ones are looked up once. */
  find(userId: UserId): User | null {
    const user = this.#users.value.get(userId);
    if (user === undefined) this.#look(userId);
    return user ?? null;
  }

  /** Returns a name to show. */
  nameOf(userId: UserId): string {
    return this.find(userId)?.name ?? "Somebody";
  }

  /** Updates the user's own account, such as after a change of name. */
  setMe(me: Me): void {
    const known = this.#users.peek().get(me.id);
    this.put({ id: me.id, name: me.name, role: me.role, isBot: known?.isBot ?? false, deactivatedAt: null });
  }

  /** An account was deactivated. */
  deactivated(userId: UserId): void {
    const user = this.#users.peek().get(userId);
    if (user !== undefined) this.put({ ...user, deactivatedAt: new Date().toISOString() });
  }

  /** Updates one account. */
  put(user: User): void {
    this.#users.value = new Map(this.#users.peek()).set(user.id, user);
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#lookTimer);
  }

  #look(userId: UserId): void {
    // Users who stay unknown are not looked up again: they may not be visible.
    if (this.#missing.has(userId)) return;
    this.#missing.add(userId);
    clearTimeout(this.#lookTimer);
    this.#lookTimer = setTimeout(() => void this.load().catch(() => {}), LOOK_AFTER_MS);
  }

  async #loadAll(): Promise<void> {
    const users = await readAllPages((page) => this.#api.list.query(page));
    // Users who are no longer listed keep their names on old messages.
    this.#users.value = new Map([...this.#users.peek(), ...users.map((user) => [user.id, user] as const)]);
  }
}
