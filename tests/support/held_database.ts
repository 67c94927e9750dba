import type { Commit, Database } from "../../server/kv/database.ts";
import { isSameKey } from "../../server/auth/account_change_store.ts";

type Change = () => Promise<unknown>;

interface Held {
  readonly key: Deno.KvKey;
  readonly change: Change;
}

/**
 * Storage that pauses at a chosen point, lets the test change something through `inner` as another instance would,
 * and continues: a race that happens every time.
 */
export class HeldDatabase implements Database {
  readonly inner: Database;
  /** How often it has paused. */
  heldCount = 0;
  #read: Held | null = null;
  #commit: Held | null = null;

  constructor(inner: Database) {
    this.inner = inner;
  }

  /** Calls `change` once, after the next read of `key` or of a list below it, before the answer is returned. */
  afterRead(key: Deno.KvKey, change: Change): void {
    this.#read = { key, change };
  }

  /** Calls `change` once, when the next commit that writes `key` is prepared but not yet made. */
  beforeCommit(key: Deno.KvKey, change: Change): void {
    this.#commit = { key, change };
  }

  /** Changes fields of a row without anybody noticing. */
  async patch(key: Deno.KvKey, fields: Record<string, unknown>): Promise<void> {
    const { value } = await this.inner.get<Record<string, unknown>>(key);
    if (value === null) throw new Error(`There is no row at ${key.join("/")}`);
    await this.inner.commit({ sets: [[key, { ...value, ...fields }]] });
  }

  async get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    const entry = await this.inner.get<T>(key);
    await this.#holdRead([key]);
    return entry;
  }

  async getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    const entries = await this.inner.getMany<T>(keys);
    await this.#holdRead(keys);
    return entries;
  }

  async list<T>(...args: Parameters<Database["list"]>): Promise<Deno.KvEntry<T>[]> {
    const entries = await this.inner.list<T>(...args);
    await this.#holdRead([args[0]]);
    return entries;
  }

  async commit(commit: Commit): Promise<string | null> {
    const held = this.#commit;
    const written = [...(commit.sets ?? []).map(([key]) => key), ...commit.deletes ?? []];
    if (held !== null && written.some((key) => startsWith(key, held.key))) {
      this.#commit = null;
      this.heldCount++;
      await held.change();
    }
    return await this.inner.commit(commit);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  async #holdRead(keys: readonly Deno.KvKey[]): Promise<void> {
    const held = this.#read;
    if (held === null || !keys.some((key) => isSameKey(key, held.key))) return;
    this.#read = null;
    this.heldCount++;
    await held.change();
  }
}

function startsWith(key: Deno.KvKey, prefix: Deno.KvKey): boolean {
  return isSameKey(key.slice(0, prefix.length), prefix);
}
