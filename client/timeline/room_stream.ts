import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { parsePosition } from "../../shared/position.ts";
import type { Trpc } from "../net/trpc.ts";
import { readWireError } from "../net/wire_error.ts";
import type { RoomPosition } from "./room_position.ts";

/** Options of `RoomStream`. */
export interface RoomStreamOptions {
  readonly roomId: RoomId;
  readonly api: Pick<Trpc["messages"], "since" | "onEvent">;
  readonly position: RoomPosition;
  /** An event was applied; `isNew` is false if it had already arrived. */
  readonly onEvent: (event: RoomEvent, isNew: boolean) => void;
  /** The stream cannot be continued from here: start over. */
  readonly onResync: () => void;
  readonly onEnded: (code: "not_found" | "membership_ended") => void;
}

/** Missing events are requested again after this time. */
const HOLE_RETRY_MS = 2_000;
const FAILED_RETRY_MS = 5_000;
const BEATS_BEFORE_RESUBSCRIBE_COUNT = 2;

/** Follows a room: subscribes at the position, fetches missing events, and subscribes again if none arrive. */
export class RoomStream {
  readonly #options: RoomStreamOptions;
  #subscription: { unsubscribe(): void } | null = null;
  #isFilling = false;
  #behindCount = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomStreamOptions) {
    this.#options = options;
  }

  /** True while events are expected. */
  get isActive(): boolean {
    return this.#subscription !== null;
  }

  /** Subscribes at the position, unless it already has. */
  start(): void {
    if (this.#subscription !== null) return;
    const { api, roomId, position } = this.#options;
    let isCurrent = true;
    const subscription = api.onEvent.subscribe({ roomId, lastEventId: position.formatted }, {
      onData: (item) => {
        if (isCurrent) this.#take(item);
      },
      onError: (error) => {
        if (isCurrent) this.#fail(error);
      },
    });
    this.#subscription = {
      unsubscribe: () => {
        isCurrent = false;
        subscription.unsubscribe();
      },
    };
    this.#fillHoles();
  }

  /** Stops; `start` continues at the position. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#behindCount = 0;
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }

  /** Subscribes again if the room's head was ahead of the position in two heartbeats: events do not arrive. */
  applyHead(head: number): void {
    if (!this.isActive || head <= this.#options.position.through) {
      this.#behindCount = 0;
      return;
    }
    if (++this.#behindCount < BEATS_BEFORE_RESUBSCRIBE_COUNT) return;
    this.stop();
    this.start();
  }

  #take({ id, data }: { readonly id: string; readonly data: RoomEvent | StreamControl }): void {
    const { position } = this.#options;
    if (parsePosition(id)?.epoch !== position.epoch || data.type === "resync_required") {
      this.stop();
      this.#options.onResync();
      return;
    }
    // "subscribed" only confirms the requested position.
    if (!("by" in data)) return;
    const isNew = position.apply(data);
    this.#options.onEvent(data, isNew);
    this.#fillHoles();
  }

  #fail(error: unknown): void {
    this.stop();
    const { appCode } = readWireError(error);
    if (appCode === "not_found" || appCode === "membership_ended") this.#options.onEnded(appCode);
    else if (appCode === "invalid_position") this.#options.onResync();
    // The end of the session is handled elsewhere.
    else if (appCode !== "unauthenticated") this.#timer = setTimeout(() => this.start(), FAILED_RETRY_MS);
  }

  #fillHoles(): void {
    if (this.#isFilling || this.#options.position.holes.length === 0) return;
    this.#isFilling = true;
    void this.#fetchMissing().finally(() => this.#isFilling = false);
  }

  async #fetchMissing(): Promise<void> {
    const { api, roomId, position } = this.#options;
    const epoch = position.epoch;
    try {
      const answer = await api.since.query({ roomId, position: position.formatted });
      if (!this.isActive || position.epoch !== epoch) return;
      if (answer.resync || parsePosition(answer.position)?.epoch !== epoch) {
        this.stop();
        this.#options.onResync();
        return;
      }
      for (const event of answer.events) this.#options.onEvent(event, position.apply(event));
    } catch {
      // Missing events are shown as a gap until they arrive.
    }
    if (!this.isActive || position.holes.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fillHoles(), HOLE_RETRY_MS);
  }
}
