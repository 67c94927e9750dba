import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import type { Trpc } from "../net/trpc.ts";
import { readWireError } from "../net/wire_error.ts";
import { readFailure } from "../ui/failure.ts";
import { RoomLog } from "./room_log.ts";
import type { MessagePage } from "./room_log.ts";
import { RoomPages } from "./room_pages.ts";
import type { PagePlace } from "./room_pages.ts";
import { RoomStream } from "./room_stream.ts";

/** What a history needs and what it tells. */
export interface RoomHistoryOptions {
  readonly roomId: RoomId;
  readonly api: Pick<Trpc["messages"], "list" | "since" | "onEvent">;
  readonly isOpen: ReadonlySignal<boolean>;
  /** The log has changed; `dropAt` is the end that is out of sight. */
  readonly onChange: (dropAt?: "oldest" | "newest") => void;
  readonly onEvent: (event: RoomEvent, isNew: boolean) => void;
  readonly onLost: (code: "not_found" | "membership_ended") => void;
  readonly onNotice: (text: string) => void;
}

type Reading = "all" | "older" | "newer";

/** Loads stretches of a room's history and keeps them up to date. */
export class RoomHistory {
  readonly log: RoomLog = new RoomLog();
  readonly #options: RoomHistoryOptions;
  readonly #stream: RoomStream;
  readonly #pages: RoomPages;
  readonly #life = new AbortController();
  readonly #state = signal<"loading" | "ready" | "failed" | "gone">("loading");
  readonly #problem = signal<string | null>(null);
  #reading: AbortController | null = null;

  /** `gone` when the room cannot be seen any more. */
  readonly state: ReadonlySignal<"loading" | "ready" | "failed" | "gone"> = computed(() => this.#state.value);
  /** What went wrong while `failed`. */
  readonly problem: ReadonlySignal<string | null> = computed(() => this.#problem.value);

  constructor(options: RoomHistoryOptions) {
    this.#options = options;
    this.#pages = new RoomPages(options);
    this.#stream = new RoomStream({
      roomId: options.roomId,
      api: options.api,
      log: this.log,
      onEvent: options.onEvent,
      onResync: () => void this.load({}),
      onEnded: (code) => this.#end(code),
    });
  }

  /** True while events of this room are expected. */
  get isFollowed(): boolean {
    return this.#stream.isActive;
  }

  /** Starts over from one page; `done` is called in the same breath in which it is shown. */
  async load(place: PagePlace, done: () => void = () => {}): Promise<void> {
    this.rest();
    if (this.#state.peek() !== "ready") this.#state.value = "loading";
    const page = await this.#read("all", place);
    if (page === null) return;
    batch(() => {
      this.log.reset(page);
      this.#state.value = "ready";
      this.#problem.value = null;
      this.#options.onChange();
      done();
    });
    this.#stream.start();
  }

  /** Adds what lies before the first message that is loaded. */
  loadOlder(): void {
    const first = this.log.window.entries[0];
    if (this.#reading !== null || first === undefined || !this.log.window.hasOlder) return;
    void this.#loadMore("older", { before: first.message.offset });
  }

  /** Adds what lies after the last message that is loaded. */
  loadNewer(): void {
    const last = this.log.window.entries.at(-1);
    if (this.#reading !== null || last === undefined || !this.log.window.hasNewer) return;
    void this.#loadMore("newer", { after: last.message.offset });
  }

  /** Reads a single message, wherever it is; null when there is none. */
  readOne(offset: number): Promise<Message | null> {
    return this.#pages.readOne(offset, this.#life.signal);
  }

  /** Goes on where the log ends. */
  follow(): void {
    if (this.#reading === null && this.#state.peek() === "ready") this.#stream.start();
  }

  /** Stops loading and following; what is loaded stays. */
  rest(): void {
    this.#reading?.abort();
    this.#reading = null;
    this.#stream.stop();
  }

  /** The room's head, as the heartbeat tells it. */
  applyHead(head: number): void {
    if (this.#reading === null) this.#stream.applyHead(head);
  }

  /** Stops for good. */
  dispose(): void {
    this.rest();
    this.#life.abort();
  }

  async #loadMore(side: "older" | "newer", place: PagePlace): Promise<void> {
    const page = await this.#read(side, place);
    if (page === null) return;
    if (!this.log.accepts(page)) {
      await this.load({});
      return;
    }
    const isWhole = this.log.join(page, side);
    this.#options.onChange(side === "older" ? "newest" : "oldest");
    if (!isWhole) this.loadNewer();
  }

  async #read(reading: Reading, place: PagePlace): Promise<MessagePage | null> {
    const abort = new AbortController();
    this.#reading = abort;
    try {
      return await this.#pages.read({ ...place, limit: PAGE_DEFAULT_COUNT }, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.#fail(error, reading);
      return null;
    } finally {
      if (this.#reading === abort) this.#reading = null;
    }
  }

  #fail(error: unknown, reading: Reading): void {
    const { appCode } = readWireError(error);
    if (appCode === "not_found") this.#end(appCode);
    else if (reading === "all") {
      this.#state.value = "failed";
      this.#problem.value = readFailure(error).text;
    } else this.#options.onNotice(readFailure(error).text);
  }

  #end(code: "not_found" | "membership_ended"): void {
    if (code === "not_found") this.#state.value = "gone";
    // A public room can still be read by who has left it.
    else this.#stream.start();
    this.#options.onLost(code);
  }
}
