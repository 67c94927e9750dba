import { batch, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import type { RoomEvent } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { PAGE_DEFAULT_COUNT } from "../../shared/limits.ts";
import type { Message } from "../../shared/message.ts";
import type { Trpc } from "../net/trpc.ts";
import { readWireError } from "../net/wire_error.ts";
import { readFailure } from "../ui/failure.ts";
import { isAboutCall, whereCallsMayBe } from "./earlier_calls.ts";
import { MessageWindow } from "./message_window.ts";
import { PageReader } from "./page_reader.ts";
import type { MessagePage, PageRange } from "./page_reader.ts";
import { RoomPosition } from "./room_position.ts";
import { RoomStream } from "./room_stream.ts";

/** Options of `RoomHistory`. */
export interface RoomHistoryOptions {
  readonly roomId: RoomId;
  readonly api: Pick<Trpc["messages"], "list" | "since" | "onEvent">;
  readonly isOpen: ReadonlySignal<boolean>;
  /** The messages have changed; `dropAt` is the end that is out of sight. */
  readonly onChange: (dropAt?: "oldest" | "newest") => void;
  readonly onEvent: (event: RoomEvent, isNew: boolean) => void;
  readonly onLost: (code: "not_found" | "membership_ended") => void;
  readonly onNotice: (text: string) => void;
}

type Reading = "all" | "older" | "newer";

/** Loads parts of a room's history and keeps them up to date. */
export class RoomHistory {
  readonly position: RoomPosition = new RoomPosition();
  readonly window: MessageWindow = new MessageWindow(this.position);
  readonly #options: RoomHistoryOptions;
  readonly #stream: RoomStream;
  readonly #pages: PageReader;
  readonly #life = new AbortController();
  readonly #state = signal<"loading" | "ready" | "failed" | "gone">("loading");
  readonly #problem = signal<string | null>(null);
  #reading: AbortController | null = null;

  /** `gone` if the user cannot see the room any more. */
  readonly state: ReadonlySignal<"loading" | "ready" | "failed" | "gone"> = this.#state;
  /** Why loading `failed`. */
  readonly problem: ReadonlySignal<string | null> = this.#problem;

  constructor(options: RoomHistoryOptions) {
    this.#options = options;
    const { roomId, api, isOpen, onEvent } = options;
    this.#pages = new PageReader((place, signal) => api.list.query({ roomId, ...place }, { signal }), isOpen);
    this.#stream = new RoomStream({
      roomId,
      api,
      position: this.position,
      onEvent,
      onResync: () => void this.load({}),
      onEnded: (code) => this.#end(code),
    });
  }

  /** Whether events of this room are expected. */
  get isFollowed(): boolean {
    return this.#stream.isActive;
  }

  /** Starts over from one page; `done` is called in the same batch in which it is shown. */
  async load(place: PageRange, done: () => void = () => {}): Promise<void> {
    this.rest();
    if (this.#state.peek() !== "ready") this.#state.value = "loading";
    const page = await this.#read("all", place);
    if (page === null) return;
    batch(() => {
      this.position.startAt(page.position);
      this.window.reset(page);
      this.#state.value = "ready";
      this.#problem.value = null;
      this.#options.onChange();
      done();
    });
    this.#stream.start();
    void this.#addCalls(page);
  }

  /** Loads the page before the first loaded message, or after the last one, if there is one. */
  loadMore(side: "older" | "newer"): void {
    const { entries, hasOlder, hasNewer } = this.window;
    const edge = entries.at(side === "older" ? 0 : -1);
    const hasMore = side === "older" ? hasOlder : hasNewer;
    if (this.#reading !== null || edge === undefined || !hasMore) return;
    const { offset } = edge.message;
    void this.#join(side, side === "older" ? { before: offset } : { after: offset });
  }

  /** Reads a single message, wherever it is; null if there is none. */
  readOne(offset: number): Promise<Message | null> {
    return this.#pages.readOne(offset, this.#life.signal);
  }

  /** Subscribes from the position that was reached. */
  follow(): void {
    if (this.#reading === null && this.#state.peek() === "ready") this.#stream.start();
  }

  /** Stops loading and following; loaded messages stay. */
  rest(): void {
    this.#reading?.abort();
    this.#reading = null;
    this.#stream.stop();
  }

  /** The heartbeat has brought the offset of the room's head. */
  applyHead(head: number): void {
    if (this.#reading === null) this.#stream.applyHead(head);
  }

  /** Stops for good. */
  [Symbol.dispose](): void {
    this.rest();
    this.window[Symbol.dispose]();
    this.#life.abort();
  }

  /** Adds the calls of the last part of a page, which has only messages. */
  async #addCalls(page: MessagePage): Promise<void> {
    const position = whereCallsMayBe(page);
    if (position === null) return;
    const { api, roomId, onChange } = this.#options;
    try {
      const { events } = await api.since.query({ roomId, position }, { signal: this.#life.signal });
      if (!this.position.accepts(page.position)) return;
      // Later ones come with the stream.
      const calls = events.filter(isAboutCall).filter(({ offset }) => offset <= this.position.through);
      for (const event of calls) this.position.apply(event);
      if (calls.length > 0) onChange();
    } catch {
      // They are missing until the room is loaded again.
    }
  }

  async #join(side: "older" | "newer", place: PageRange): Promise<void> {
    const page = await this.#read(side, place);
    if (page === null) return;
    if (!this.position.accepts(page.position)) {
      await this.load({});
      return;
    }
    const isComplete = this.window.join(page, side);
    this.#options.onChange(side === "older" ? "newest" : "oldest");
    if (!isComplete) this.loadMore("newer");
  }

  async #read(reading: Reading, place: PageRange): Promise<MessagePage | null> {
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
    // Users who left a public room can still read it.
    else this.#stream.start();
    this.#options.onLost(code);
  }
}
