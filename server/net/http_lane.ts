import type { ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { AppError } from "../../shared/errors.ts";
import { HTTP_BATCH_STARTED_WEIGHT, SOCKET_ANSWER_BYTES } from "../../shared/limits.ts";
import { runFor } from "../kv/caller.ts";
import type { WorkCall, WorkLane } from "./work_lane.ts";
import type { WorkQueue } from "./work_queue.ts";

/** What a call's answer is made of, as far as its size goes. */
interface Outcome {
  readonly ok: boolean;
  readonly data?: unknown;
}

/** The calls of one HTTP request, a batch or a lone one; all of their answers are in memory until the last is there. */
export class HttpLane {
  /** True for several calls in one request. */
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

  /** True when nobody waits for the answer any more. */
  get isGone(): boolean {
    return this.#lane.isClosed;
  }

  /** Does a call when its turn comes; a subscription counts until it is live or nobody listens any more. */
  async perform<T extends Outcome>(path: string, work: () => Promise<T>): Promise<T> {
    if (this.#isStream) {
      const call = await this.#lane.turn(path);
      this.#subscription = call;
      const outcome = await runFor(call, work);
      if (!outcome.ok || this.#lane.isClosed) call.finish();
      return outcome;
    }
    return await this.#lane.perform(path, async () => {
      if (this.#builtBytes > SOCKET_ANSWER_BYTES) {
        throw new AppError(
          "too_large",
          `The answers of a batch may have at most ${SOCKET_ANSWER_BYTES} bytes in total`,
        );
      }
      const outcome = await work();
      if (this.isBatch && outcome.ok) {
        this.#builtBytes += Buffer.byteLength(JSON.stringify(outcome.data) ?? "");
        this.#lane.holds(this.#builtBytes);
      }
      return outcome;
    });
  }

  /** Notes the whole answer, which is in memory until the reader has taken it. */
  answered(sizeBytes: number): void {
    this.#lane.chargeBytes(sizeBytes);
    this.#lane.holds(sizeBytes);
  }

  /** Notes a part of a stream: it is in memory with what the reader has not taken of the parts before. */
  streamed(sizeBytes: number): void {
    this.#lane.chargeBytes(sizeBytes);
    this.#lane.holds(this.#bufferedBytes + sizeBytes);
  }

  /** The reader has taken something. */
  taken(): void {
    this.#lane.holds(this.#bufferedBytes);
  }

  /** Does something on the account of who asks: what a stream does after its call has returned. */
  runFor<T>(work: () => T): T {
    return this.#lane.runFor(work);
  }

  /** What is on its way without delay is not counted: nobody would say when it has left. */
  get #bufferedBytes(): number {
    const { socket } = this.#response;
    return socket?.writableNeedDrain ? socket.writableLength : 0;
  }
}
