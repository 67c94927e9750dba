import { describe, expect, it } from "vitest";
import { hasDenokv } from "../support/denokv.ts";

const isPossible = await hasDenokv();

/** Long enough for the three kills that every run begins with, and for a few faults of other kinds. */
const ARGUMENTS = [
  ...["--seed", "5", "--minutes", "0.5"],
  ...["--talkers", "36", "--turns", "80", "--stall-seconds", "3"],
];
const TIMEOUT_MS = 180_000;

function figure(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? NaN);
}

describe.skipIf(!isPossible)("chaos", () => {
  it("CHAOS20 keeps all guarantees in a short run", async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${import.meta.dirname}/main.ts`, ...ARGUMENTS],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { code, stdout, stderr } = await child.output();
    const output = new TextDecoder().decode(stdout);
    expect(output, new TextDecoder().decode(stderr)).toContain("violations: 0");
    expect(code).toBe(0);
    expect(figure(output, /SIGKILL: (\d+)/)).toBeGreaterThanOrEqual(3);
    expect(figure(output, /messages acknowledged: (\d+)/)).toBeGreaterThan(300);
  }, TIMEOUT_MS);
});
