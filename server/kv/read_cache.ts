/** Statistics of a cache, for `/metrics`. */
export interface CacheStats {
  /** Number of cached values. */
  readonly size: number;
  /** Lookups answered without reading storage. */
  readonly hitCount: number;
  /** Number of reads. */
  readonly readCount: number;
}

export interface ReadCacheOptions<V> {
  /** Above this number, the least recently used value is dropped. */
  readonly maxCount: number;
  /** How long a value is valid, and by which clock; unlimited by default. */
  readonly ttl?: { readonly ms: number; readonly now: () => number };
  /** Which values are cached; all by default, but never null. */
  readonly isKept?: (value: V) => boolean;
}

interface Kept<V> {
  readonly value: V;
  readonly at: number;
}

/**
 * Caches values that were read, by key. Simultaneous reads of a key are shared. A change drops the cached value; if
 * it overtakes a read, the result goes to the callers who wait for it but is not cached.
 */
export class ReadCache<K, V> implements CacheStats {
  readonly #options: ReadCacheOptions<V>;
  /** Sorted by use, least recent first. */
  readonly #kept = new Map<K, Kept<V>>();
  /** The latest read of each key, unless a change has overtaken it. */
  readonly #reads = new Map<K, Promise<V | null>>();
  #hitCount = 0;
  #readCount = 0;

  constructor(options: ReadCacheOptions<V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  get hitCount(): number {
    return this.#hitCount;
  }

  get readCount(): number {
    return this.#readCount;
  }

  /** Returns the cached value, if it is still valid. */
  peek(key: K): V | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const { ttl, maxCount } = this.#options;
    if (ttl !== undefined) {
      // If the clock steps back, a value must not become valid for longer.
      const age = ttl.now() - kept.at;
      if (age < 0 || age >= ttl.ms) {
        this.#kept.delete(key);
        return undefined;
      }
    }
    // The order of use matters only when values have to go.
    if (2 * this.#kept.size > maxCount) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
    }
    return kept.value;
  }

  /**
   * Returns the cached value or that of a read under way if `isEnough` accepts it, otherwise the result of a new
   * read. So an accepted value may be as old as the cache allows, but a rejected one or null is always fresh.
   */
  async get(
    key: K,
    read: () => Promise<V | null>,
    isEnough: (value: V) => boolean = () => true,
  ): Promise<V | null> {
    const known = this.peek(key);
    if (known !== undefined && isEnough(known)) {
      this.#hitCount++;
      return known;
    }
    const joined = this.#reads.get(key);
    const value = await (joined ?? this.read(key, read));
    if (joined === undefined) return value;
    if (value === null || !isEnough(value)) return await this.read(key, read);
    this.#hitCount++;
    return value;
  }

  /** Returns the values of `keys`, reading all missing ones at once. Keys without a value are not in the result. */
  async getMany(
    keys: readonly K[],
    readAll: (missing: readonly K[]) => Promise<readonly (V | null)[]>,
  ): Promise<Map<K, V>> {
    const found = new Map<K, V>();
    const missing: K[] = [];
    for (const key of keys) {
      const known = this.peek(key);
      if (known === undefined) missing.push(key);
      else found.set(key, known);
    }
    this.#hitCount += found.size;
    if (missing.length === 0) return found;
    const all = readAll(missing);
    await Promise.all(missing.map(async (key, index) => {
      const value = await this.read(key, async () => (await all)[index] ?? null);
      if (value !== null) found.set(key, value);
    }));
    return found;
  }

  /** Reads now, ignoring the cache. */
  read(key: K, read: () => Promise<V | null>): Promise<V | null> {
    this.#readCount++;
    const reading = read().then((value) => {
      // Overtaken by a change or a later read: that value is newer.
      if (this.#reads.get(key) !== reading) return this.peek(key) ?? value;
      const isKept = value !== null && this.#options.isKept?.(value) !== false;
      if (isKept) this.set(key, value);
      else this.drop(key);
      return value;
    }, (error) => {
      if (this.#reads.get(key) === reading) this.#reads.delete(key);
      throw error;
    });
    this.#reads.set(key, reading);
    return reading;
  }

  /** Caches the new value after a change. */
  set(key: K, value: V): void {
    this.drop(key);
    this.#kept.set(key, { value, at: this.#options.ttl?.now() ?? 0 });
    if (this.#kept.size <= this.#options.maxCount) return;
    const oldest = this.#kept.keys().next();
    if (!oldest.done) this.#kept.delete(oldest.value);
  }

  /** Drops a value that has changed. */
  drop(key: K): void {
    this.#kept.delete(key);
    this.#reads.delete(key);
  }

  /**
   * Drops the values that have changed. It is unknown which reads under way are affected, so none of them is
   * cached.
   */
  dropWhere(isChanged: (value: V) => boolean): void {
    for (const [key, { value }] of this.#kept) if (isChanged(value)) this.#kept.delete(key);
    this.#reads.clear();
  }
}
