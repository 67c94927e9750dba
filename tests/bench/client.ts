/**
 * The client in a real browser: what the first view fetches and how soon it is there, what a
 * tab keeps of what went by, and how soon a key shows while others talk. Needs
 * a Chromium, as the tests do.
 */
import { measureFirstView } from "./client_load.ts";
import { measureMemory } from "./client_memory.ts";
import { measureTyping } from "./client_typing.ts";
import { printVerdicts } from "./stats.ts";
import type { Verdict } from "./stats.ts";

/** One after the other, each with a server and a browser of its own. */
const PARTS: readonly (() => Promise<Verdict[]>)[] = [measureFirstView, measureTyping, measureMemory];

/** Runs the benchmark; false when a budget is missed. */
export async function client(): Promise<boolean> {
  const verdicts: Verdict[] = [];
  for (const measure of PARTS) verdicts.push(...await measure());
  return printVerdicts(verdicts);
}
