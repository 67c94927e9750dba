/**
 * The client in a real browser: what the first view fetches and how soon it is there, also without network, what a
 * tab keeps of what went by, and how soon a key shows while others talk. Needs a Chromium, as the tests do.
 */
import { measureFirstView } from "./client_load.ts";
import { measureMessages, measureRoomChanges } from "./client_memory.ts";
import { measureOffline } from "./client_offline.ts";
import { measureTyping } from "./client_typing.ts";
import { printVerdicts } from "./stats.ts";
import type { Verdict } from "./stats.ts";

/** Each with a server and a browser of its own. */
const PARTS: Readonly<Record<string, () => Promise<Verdict[]>>> = {
  view: measureFirstView,
  offline: measureOffline,
  typing: measureTyping,
  messages: measureMessages,
  rooms: measureRoomChanges,
};
/** Twice of what all parts take together: who waits for figures is not kept waiting by a page that hangs. */
const PATIENCE_MS = 6 * 60_000;

/** Runs all parts or the one that is named; false when a budget is missed. */
export async function client(name?: string): Promise<boolean> {
  const parts = name === undefined ? Object.values(PARTS) : [PARTS[name]];
  const patience = setTimeout(() => {
    console.error(`Not done after ${PATIENCE_MS / 60_000} minutes`);
    Deno.exit(1);
  }, PATIENCE_MS);
  const verdicts: Verdict[] = [];
  for (const measure of parts) {
    if (measure === undefined) throw new Error(`The parts are ${Object.keys(PARTS).join(", ")}; got ${name}`);
    verdicts.push(...await measure());
  }
  clearTimeout(patience);
  return printVerdicts(verdicts);
}
