import type { Log } from "../log.ts";
import { encodeSse } from "../net/sse.ts";
import type { SseEvent } from "../net/sse.ts";
import type { BuiltFile } from "./built_file.ts";
import { bundleClient } from "./client_bundle.ts";
import { PAGES } from "./client_pages.ts";

export interface DevBuildOptions {
  readonly root: string;
  readonly log: Log;
  /** Called with each new build. */
  readonly onBuilt: (files: readonly BuiltFile[]) => void;
}

const WATCHED_FOLDERS = ["client", "shared", "static"];
/** Editors write a file in several steps. */
const SETTLE_MS = 50;
/** How soon a page reconnects after the server restarts, which happens when server code changes. */
const RETRY_MS = 300;

/** Rebuilds the client in memory on every change and notifies open pages. */
export class DevBuild {
  readonly #options: DevBuildOptions;
  readonly #pages = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #watcher: Deno.FsWatcher | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #changed = new Set<string>();
  #version = "";

  constructor(options: DevBuildOptions) {
    this.#options = options;
  }

  /** Builds once and starts watching. If a build fails, a later change may fix it. */
  async start(): Promise<void> {
    const { root, log } = this.#options;
    try {
      await this.#build();
    } catch (error) {
      log.error("Client not built", error);
    }
    this.#watcher = Deno.watchFs(WATCHED_FOLDERS.map((folder) => `${root}/${folder}`));
    this.#watch(this.#watcher).catch((error) => log.error("Cannot watch the sources", error));
  }

  /** Answers `/dev/events`: the current version, then `css` or `reload` on each change. */
  events(): Response {
    let page: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        page = controller;
        this.#pages.add(page);
        page.enqueue(encodeSse({ retryMs: RETRY_MS, event: "version", data: this.#version }));
      },
      cancel: () => void this.#pages.delete(page),
    });
    return new Response(stream, {
      headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
    });
  }

  /** Stops watching and closes the streams of open pages. */
  stop(): void {
    this.#watcher?.close();
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const page of this.#pages) page.close();
    this.#pages.clear();
  }

  async #watch(watcher: Deno.FsWatcher): Promise<void> {
    for await (const event of watcher) {
      if (event.kind === "access") continue;
      for (const path of event.paths) if (!path.includes("/built/")) this.#changed.add(path);
      if (this.#changed.size === 0) continue;
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#rebuild(), SETTLE_MS);
    }
  }

  async #rebuild(): Promise<void> {
    this.#timer = null;
    const changed = [...this.#changed];
    this.#changed = new Set();
    const startedAt = performance.now();
    try {
      const stylePaths = await this.#build();
      const isStyleOnly = changed.every((path) => path.endsWith(".css"));
      this.#tell(
        isStyleOnly ? { event: "css", data: stylePaths.join(" ") } : { event: "reload", data: this.#version },
      );
      this.#options.log.info("Client rebuilt", { ms: Math.round(performance.now() - startedAt) });
    } catch (error) {
      // Pages keep the last successful build; the error is in the terminal.
      this.#options.log.error("Client not rebuilt", error);
    }
  }

  async #build(): Promise<string[]> {
    const files = await bundleClient({ root: this.#options.root, isDev: true });
    this.#version = files.find(({ path }) => path === PAGES.rooms)?.hash ?? "";
    this.#options.onBuilt(files);
    return files.map(({ path }) => path).filter((path) => path.endsWith(".css"));
  }

  #tell(event: SseEvent): void {
    const bytes = encodeSse(event);
    for (const page of this.#pages) page.enqueue(bytes);
  }
}
