import type { ServerResponse } from "node:http";
import { AppError } from "../../shared/errors.ts";
import { HTTP_BATCH_ANSWER_BYTES, HTTP_BATCH_STARTED_WEIGHT } from "../../shared/limits.ts";
import { runFor } from "../kv/caller.ts";
import { jsonSize } from "./json_size.ts";
import type { WorkCall, WorkLane } from "./work_lane.ts";
import type { WorkQueue } from "./work_queue.ts";

/** The parts of a call's answer that its size depends on. */
interface Outcome {
  readonly ok: boolean;
  readonly data?: unknown;
}

/**
 * The calls of one HTTP request, a batch or a single one. All answers are in memory until the last one is complete.
 */
export class HttpLane {
  /** Whether the request has several calls. */
  readonly isBatch: boolean;
  readonly #isStream: boolean;
  readonly #response: ServerResponse;
  readonly #lane: WorkLane;
  /** The subscription, until it is live. */
  #subscription: WorkCall | null = null;
  #builtBytes = 0;

  /** Closes with the response. */
  constructor(
    work: WorkQueue,
    { accountId, isBatch, isStream, response }: {
      readonly accountId: string;
      readonly isBatch: boolean;
      readonly isStream: boolean;
      readonly response: ServerResponse;
    },
  ) {
    this.isBatch = isBatch;
    this.#isStream = isStream;
    this.#response = response;
    const onLive = () => this.#subscription?.finish();
    this.#lane = work.lane(accountId, { maxWeight: HTTP_BATCH_STARTED_WEIGHT, onLive });
    if (isStream) response.on("drain", () => this.taken());
    response.once("close", () => {
      this.#lane.close();
      this.#subscription?.finish();
    });
  }

  /** Whether the client has disconnected. */
  get isGone(): boolean {
    return this.#lane.isClosed;
  }

  /** Runs a call when its turn comes. A subscription counts as running until it is live or the client disconnects. */
  async perform<T extends Outcome>(path: string, work: () => Promise<T>): Promise<T> {
    if (this.#isStream) {
      const call = await this.#lane.turn(path);
      this.#subscription = call;
      const outcome = await runFor(call, work);
      if (!outcome.ok || this.#lane.isClosed) call.finish();
      return outcome;
    }
    return await this.#lane.perform(path, async () => {
      if (this.#builtBytes > HTTP_BATCH_ANSWER_BYTES) {
        throw new AppError(
          "too_large",
          `The answers of a batch may have at most ${HTTP_BATCH_ANSWER_BYTES} bytes in total`,
        );
      }
      const outcome = await work();
      if (this.isBatch && outcome.ok) {
        this.#builtBytes += jsonSize(outcome.data);
        this.#lane.holds(this.#builtBytes);
      }
      return outcome;
    });
  }

  /** Counts the complete answer, which is in memory until the client has read it. */
  answered(sizeBytes: number): void {
    this.#lane.chargeBytes(sizeBytes);
    this.#lane.holds(sizeBytes);
  }

  /** Counts a chunk of a stream, which is in memory together with unread earlier chunks. */
  streamed(sizeBytes: number): void {
    this.#lane.chargeBytes(sizeBytes);
    this.#lane.holds(this.#bufferedBytes + sizeBytes);
  }

  /** The client has read something. */
  taken(): void {
    this.#lane.holds(this.#bufferedBytes);
  }

  /** Runs `work` on the account of this request, for streams that continue after their call has returned. */
  runFor<T>(work: () => T): T {
    return this.#lane.runFor(work);
  }

  /** Ignores data that is sent without delay, because there is no event when it has left. */
  get #bufferedBytes(): number {
    const { socket } = this.#response;
    return socket?.writableNeedDrain ? socket.writableLength : 0;
  }
}
