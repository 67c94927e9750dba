import type { WorkerBuild } from "../../shared/worker_build.ts";

/** Builds that are kept: the newest one, and those that open tabs may still run. One has about 0.4 MB. */
export const KEPT_BUILD_MAX_COUNT = 3;
const PREFIX = "parley-build-";
/** How files are named whose names change with their contents. */
const HASHED = /^\/static\/[\w.-]+-[\w-]{8,16}\.(?:js|css|html)$/;

/**
 * The files of builds, one cache each. Since the names change with the contents, a file is right whichever build it is
 * taken from: a tab of an earlier build goes on with its own parts, and no page mixes two.
 */
export class BuildCaches {
  readonly #caches: CacheStorage;
  readonly #build: WorkerBuild;

  constructor(caches: CacheStorage, build: WorkerBuild) {
    this.#caches = caches;
    this.#build = build;
  }

  get #name(): string {
    return PREFIX + this.#build.version;
  }

  /** Fetches all files of this build, or none: rejects if one is missing. */
  async store(): Promise<void> {
    const isNew = !await this.#caches.has(this.#name);
    const cache = await this.#caches.open(this.#name);
    try {
      await cache.addAll([...this.#build.files]);
    } catch (error) {
      // An earlier build that comes back may be the one that tabs run.
      if (isNew) await this.#caches.delete(this.#name);
      throw error;
    }
  }

  /** Drops the oldest builds, never this one. */
  async prune(): Promise<void> {
    // Caches are listed in the order in which they were made.
    const others = (await this.#caches.keys()).filter((name) =>
      name.startsWith(PREFIX) && name !== this.#name
    );
    const surplus = others.slice(0, Math.max(0, others.length - (KEPT_BUILD_MAX_COUNT - 1)));
    await Promise.all(surplus.map((name) => this.#caches.delete(name)));
  }

  /** Whether a path may be in one of the builds. */
  has(path: string): boolean {
    return HASHED.test(path);
  }

  /** Finds a file of any kept build. */
  async find(path: string): Promise<Response | null> {
    // Answers vary by encoding, which the browser has undone already.
    return await this.#caches.match(path, { ignoreVary: true }) ?? null;
  }

  /** Finds the page of this build. */
  page(): Promise<Response | null> {
    return this.find(this.#build.page);
  }
}
