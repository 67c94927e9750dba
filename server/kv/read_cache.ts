/** How a cache does, for `/metrics`. */
export interface CacheStats {
  /** Values kept. */
  readonly size: number;
  /** Lookups answered without reading storage. */
  readonly hitCount: number;
  /** Values read. */
  readonly readCount: number;
}

/** Options of a cache. */
export interface ReadCacheOptions<V> {
  /** Beyond this many values the one that was used longest ago goes. */
  readonly maxCount: number;
  /** How long a value counts, and by which clock; until it is dropped unless told. */
  readonly ttl?: { readonly ms: number; readonly now: () => number };
  /** Says which values are kept; all unless told, and never null. */
  readonly isKept?: (value: V) => boolean;
}

interface Kept<V> {
  readonly value: V;
  readonly at: number;
}

/**
 * Values by key as they were read. Reads of a key that come at once share one, and who waits for it goes on in order.
 * A change drops what is known; a read that it overtook is still given to who waited for it, and not kept.
 */
export class ReadCache<K, V> implements CacheStats {
  readonly #options: ReadCacheOptions<V>;
  /** In the order of use. */
  readonly #kept = new Map<K, Kept<V>>();
  /** The latest read of each key, unless a change overtook it. */
  readonly #reads = new Map<K, Promise<V | null>>();
  #hitCount = 0;
  #readCount = 0;

  /** Knows nothing yet. */
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

  /** Gives what is known as of now. */
  peek(key: K): V | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    const { ttl } = this.#options;
    if (ttl !== undefined) {
      // A clock that was set back must not make a second last for an hour.
      const age = ttl.now() - kept.at;
      if (age < 0 || age >= ttl.ms) return undefined;
    }
    this.#kept.set(key, kept);
    return kept.value;
  }

  /**
   * Gives what is known, or what a read under way will give, if that is enough; else what a read gives that begins
   * now. So good news may be as old as what is kept, and bad news, as nothing at all (null), never is.
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

  /** Gives the values of keys, those that are not known by one read of all; where there is none, the key is missing. */
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

  /** Reads now, whatever is known. */
  read(key: K, read: () => Promise<V | null>): Promise<V | null> {
    this.#readCount++;
    const reading = read().then((value) => {
      // Overtaken: who changed it, or read it since, knows better.
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

  /** Takes what a change made of a value. */
  set(key: K, value: V): void {
    this.drop(key);
    this.#kept.set(key, { value, at: this.#options.ttl?.now() ?? 0 });
    if (this.#kept.size <= this.#options.maxCount) return;
    const oldest = this.#kept.keys().next();
    if (!oldest.done) this.#kept.delete(oldest.value);
  }

  /** Hears that a value has changed. */
  drop(key: K): void {
    this.#kept.delete(key);
    this.#reads.delete(key);
  }

  /** Hears that some values have changed; which of them are being read is not known, so no read under way is kept. */
  dropWhere(isChanged: (value: V) => boolean): void {
    for (const [key, { value }] of this.#kept) if (isChanged(value)) this.#kept.delete(key);
    this.#reads.clear();
  }
}
