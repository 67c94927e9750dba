import type { Probe, ProbeFinding } from "./probe.ts";

/** Looks whether LiveKit answers; while it does not, calls of many people are impossible. */
export class SfuProbe implements Probe {
  readonly id = "calls";
  readonly #isThere: () => boolean;

  constructor(isThere: () => boolean) {
    this.#isThere = isThere;
  }

  run(): Promise<ProbeFinding> {
    return Promise.resolve(
      this.#isThere() ? {} : { state: "partial_outage", reason: "LiveKit does not answer" },
    );
  }
}
