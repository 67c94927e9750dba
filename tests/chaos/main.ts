/** `deno task chaos --seed N --minutes M`: breaks things under load and checks what is left; exits 1 on a violation. */
import { parseArgs } from "node:util";
import { findDenokv } from "../support/denokv.ts";
import { runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000)) },
    minutes: { type: "string", default: "2" },
    talkers: { type: "string", default: "56" },
    turns: { type: "string", default: "110" },
    "stall-seconds": { type: "string", default: "12" },
    history: { type: "string" },
  },
});

/** Reads a number from 0 to `max`, or ends the program. */
function numberOf(name: "seed" | "minutes" | "talkers" | "turns" | "stall-seconds", max: number): number {
  const value = Number(values[name]);
  if (values[name].trim() !== "" && value >= 0 && value <= max) return value;
  console.error(`--${name} is ${JSON.stringify(values[name])}, but must be a number from 0 to ${max}`);
  Deno.exit(2);
}

/** Runs and says how it went. */
async function main(): Promise<number> {
  const options = {
    seed: numberOf("seed", 2 ** 32 - 1),
    minutes: numberOf("minutes", 24 * 60),
    talkerCount: numberOf("talkers", 1_000),
    turnsPerSecond: numberOf("turns", 10_000),
    stallMaxMs: numberOf("stall-seconds", 600) * 1_000,
  };
  if (await findDenokv() === null) {
    console.error("denokv is not installed: `cargo install denokv --version 0.14.0 --locked`");
    return 2;
  }
  const aborter = new AbortController();
  // In order, so that no process is left behind.
  const stop = () => aborter.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  const path = values.history ?? await Deno.makeTempFile({ prefix: "parley-chaos-", suffix: ".jsonl" });
  const { verdict, summary } = await runChaos({
    ...options,
    path,
    say: (line) => console.log(line),
    signal: aborter.signal,
  });
  console.log(summary);
  if (verdict.violations.length > 0) {
    console.log(`history: ${path}`);
    return 1;
  }
  if (values.history === undefined) await Deno.remove(path);
  return 0;
}

Deno.exit(await main());
