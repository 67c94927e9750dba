/** `deno task soak --minutes 30 --clients 200`: looks for what a long day leaves behind; exits 1 on a leak. */
import { parseArgs } from "node:util";
import { runSoak } from "./soak.ts";

/** Growth that a month still bears (safety.md F15). */
const SLOPE_MAX_MIB = 1;
/** A slope of less time is noise. */
const SLOPE_MIN_MINUTES = 10;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    clients: { type: "string", default: "200" },
    churn: { type: "string", default: "2" },
    sends: { type: "string", default: "5" },
  },
});

/** Reads a number above 0, or ends the program. */
function numberOf(name: "minutes" | "clients" | "churn" | "sends", max: number): number {
  const value = Number(values[name]);
  if (value > 0 && value <= max) return value;
  console.error(`--${name} is ${JSON.stringify(values[name])}, but must be a number above 0, up to ${max}`);
  Deno.exit(2);
}

/** Runs and says how it went. */
async function main(): Promise<number> {
  const aborter = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => aborter.abort());
  const minutes = numberOf("minutes", 24 * 60);
  const result = await runSoak({
    minutes,
    clientCount: Math.floor(numberOf("clients", 1_000)),
    churnPerSecond: numberOf("churn", 50),
    sendsPerSecond: numberOf("sends", 200),
    sampleMs: 10_000,
    say: (line) => console.log(line),
    signal: aborter.signal,
  });
  const { slopeMib, files, subscriptions, connectionsAfter, complaints } = result;
  const isLong = minutes >= SLOPE_MIN_MINUTES;
  const leaks = [
    ...(isLong && slopeMib > SLOPE_MAX_MIB
      ? [`memory grows by ${slopeMib.toFixed(2)} MiB in ten minutes`]
      : []),
    ...(files.after > files.before ? [`${files.after} open files, ${files.before} before`] : []),
    ...(subscriptions.full === subscriptions.expected
      ? []
      : [`${subscriptions.full} subscriptions, not ${subscriptions.expected}`]),
    ...(subscriptions.after === 0 ? [] : [`${subscriptions.after} subscriptions of nobody`]),
    ...(connectionsAfter === 0 ? [] : [`${connectionsAfter} connections of nobody`]),
    ...complaints,
  ];
  console.log(
    `${result.churnCount} clients came and went, ${result.storedCount} messages stored; memory once warm ` +
      `${slopeMib >= 0 ? "+" : ""}${
        slopeMib.toFixed(2)
      } MiB in ten minutes; files ${files.before} → ${files.after}`,
  );
  for (const leak of leaks) console.log(`LEAK: ${leak}`);
  return leaks.length === 0 ? 0 : 1;
}

Deno.exit(await main());
