import type { ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { AppError } from "../../shared/errors.ts";
import { HTTP_BATCH_STARTED_WEIGHT, SOCKET_ANSWER_BYTES } from "../../shared/limits.ts";
import type { WorkLane } from "./work_lane.ts";
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
  readonly #lane: WorkLane;
  #builtBytes = 0;

  /** Closes with the response. */
  constructor(
    work: WorkQueue,
    { accountId, isBatch, response }: {
      readonly accountId: string;
      readonly isBatch: boolean;
      readonly response: ServerResponse;
    },
  ) {
    this.isBatch = isBatch;
    this.#lane = work.lane(accountId, { maxWeight: HTTP_BATCH_STARTED_WEIGHT });
    response.once("close", () => this.#lane.close());
  }

  /** Does a call when its turn comes. */
  async perform<T extends Outcome>(path: string, work: () => Promise<T>): Promise<T> {
    return await this.#lane.perform(path, async () => {
      if (this.#builtBytes > SOCKET_ANSWER_BYTES) {
        throw new AppError("too_large", `The answers of a batch hold at most ${SOCKET_ANSWER_BYTES} bytes`);
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

  /** Does something on the account of who asks: what a stream does after its call has returned. */
  runFor<T>(work: () => T): T {
    return this.#lane.runFor(work);
  }
}
