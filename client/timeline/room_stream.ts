import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { parsePosition } from "../../shared/position.ts";
import type { Trpc } from "../net/trpc.ts";
import { readWireError } from "../net/wire_error.ts";
import type { RoomLog } from "./room_log.ts";

/** What a stream needs and what it tells. */
export interface RoomStreamOptions {
  readonly roomId: RoomId;
  readonly api: Pick<Trpc["messages"], "since" | "onEvent">;
  readonly log: RoomLog;
  /** An event was taken in; `isNew` is false for one that was known. */
  readonly onEvent: (event: RoomEvent, isNew: boolean) => void;
  /** The log cannot be continued from here: read it anew. */
  readonly onResync: () => void;
  readonly onEnded: (code: "not_found" | "membership_ended") => void;
}

/** Missing events are asked for again after this long. */
export const HOLE_RETRY_MS = 2_000;
const FAILED_RETRY_MS = 5_000;
const BEATS_BEFORE_RESUBSCRIBE_COUNT = 2;

/** Follows one room's log: subscribes where it ends, asks for what is missing, and notices when it fell silent. */
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

  /** Subscribes from the log's position, unless it does already. */
  start(): void {
    if (this.#subscription !== null) return;
    const { api, roomId, log } = this.#options;
    let isCurrent = true;
    const subscription = api.onEvent.subscribe({ roomId, lastEventId: log.position }, {
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

  /** Stops; `start` goes on from where the log is. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#behindCount = 0;
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }

  /** The server says where the room's head is; two beats ahead of the log mean that events do not arrive. */
  applyHead(head: number): void {
    if (!this.isActive || head <= this.#options.log.through) {
      this.#behindCount = 0;
      return;
    }
    if (++this.#behindCount < BEATS_BEFORE_RESUBSCRIBE_COUNT) return;
    this.stop();
    this.start();
  }

  #take({ id, data }: { readonly id: string; readonly data: RoomEvent | StreamControl }): void {
    const { log } = this.#options;
    if (parsePosition(id)?.epoch !== log.epoch || data.type === "resync_required") {
      this.stop();
      this.#options.onResync();
      return;
    }
    // "subscribed" only confirms the position that was asked for.
    if (!("by" in data)) return;
    const isNew = log.apply(data);
    this.#options.onEvent(data, isNew);
    this.#fillHoles();
  }

  #fail(error: unknown): void {
    this.stop();
    const { appCode } = readWireError(error);
    if (appCode === "not_found" || appCode === "membership_ended") this.#options.onEnded(appCode);
    else if (appCode === "invalid_position") this.#options.onResync();
    // A dead session is noticed and told elsewhere.
    else if (appCode !== "unauthenticated") this.#timer = setTimeout(() => this.start(), FAILED_RETRY_MS);
  }

  #fillHoles(): void {
    if (this.#isFilling || this.#options.log.holes.length === 0) return;
    this.#isFilling = true;
    void this.#fetchMissing().finally(() => this.#isFilling = false);
  }

  async #fetchMissing(): Promise<void> {
    const { api, roomId, log } = this.#options;
    const epoch = log.epoch;
    try {
      const answer = await api.since.query({ roomId, position: log.position });
      if (!this.isActive || log.epoch !== epoch) return;
      if (answer.resync || parsePosition(answer.position)?.epoch !== epoch) {
        this.stop();
        this.#options.onResync();
        return;
      }
      for (const event of answer.events) this.#options.onEvent(event, log.apply(event));
    } catch {
      // What is missing stays visible as a gap until it is here.
    }
    if (!this.isActive || log.holes.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fillHoles(), HOLE_RETRY_MS);
  }
}
