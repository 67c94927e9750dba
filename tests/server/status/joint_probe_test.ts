import { describe, expect, it } from "vitest";
import { JointProbe } from "../../../server/status/probes/joint_probe.ts";
import type { ProbeFinding } from "../../../server/status/probes/probe.ts";

function joint(...findings: readonly ProbeFinding[]): Promise<ProbeFinding> {
  const probes = findings.map((finding) => ({ id: "calls", run: () => Promise.resolve(finding) }));
  return new JointProbe("calls", probes).run(AbortSignal.timeout(10_000));
}

describe("JointProbe", () => {
  it("gives the worst that it finds, and all reasons", async () => {
    expect(await joint({}, {})).toEqual({});
    const slow = { state: "degraded_performance", reason: "slow" } as const;
    const partial = { state: "partial_outage", reason: "no relay" } as const;
    expect(await joint({}, slow)).toEqual(slow);
    expect(await joint(slow, partial)).toEqual({ state: "partial_outage", reason: "slow; no relay" });
  });

  it("fails with each of its parts", async () => {
    const down = { id: "calls", run: () => Promise.reject(new Error("Down")) };
    const well = { id: "calls", run: () => Promise.resolve({}) };
    await expect(new JointProbe("calls", [well, down]).run(AbortSignal.timeout(10_000))).rejects.toThrow(
      "Down",
    );
  });
});
