import { describe, expect, it } from "vitest";
import { runProbe } from "../../../server/status/probes/probe.ts";

const TIMEOUT_MS = 400;

/** Lets this process do nothing, as on a machine that stands still. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("the time of a probe", () => {
  it("does not pass while the process stands still: what has answered meanwhile works", async () => {
    const report = await runProbe({
      id: "storage",
      async run() {
        const answer = new Deno.Command("sleep", { args: ["0.05"], stdin: "null" }).output();
        standStill(2 * TIMEOUT_MS);
        await answer;
        return {};
      },
    }, TIMEOUT_MS);
    expect(report.state).toBe("operational");
  });

  it("ends for what does not answer", async () => {
    let isAborted = false;
    const never = Promise.withResolvers<never>();
    const report = await runProbe({
      id: "storage",
      run(signal) {
        signal.addEventListener("abort", () => {
          isAborted = true;
          never.reject(signal.reason);
        });
        return never.promise;
      },
    }, TIMEOUT_MS);
    expect(report).toEqual({ state: "major_outage", reason: `No answer within ${TIMEOUT_MS} ms` });
    expect(isAborted).toBe(true);
  });
});
