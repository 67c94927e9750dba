import { worstOf } from "../../../shared/status/states.ts";
import type { Probe, ProbeFinding } from "./probe.ts";

/** Tries several things that must all work for one component. */
export class JointProbe implements Probe {
  readonly id: string;
  readonly #probes: readonly Probe[];

  constructor(id: string, probes: readonly Probe[]) {
    this.id = id;
    this.#probes = probes;
  }

  get needsStorage(): boolean {
    return this.#probes.some(({ needsStorage }) => needsStorage === true);
  }

  /** Gives the worst finding; throws when one of the things does not work at all. */
  async run(signal: AbortSignal): Promise<ProbeFinding> {
    const findings = await Promise.all(this.#probes.map((probe) => probe.run(signal)));
    const state = worstOf(findings.flatMap(({ state }) => state ?? []));
    if (state === null) return {};
    return { state, reason: findings.flatMap(({ reason }) => reason ?? []).join("; ") };
  }
}
