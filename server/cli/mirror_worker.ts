/// <reference lib="webworker" />
import * as v from "valibot";
import { complain } from "../log.ts";
import { StatusMirror } from "../status/copies/mirror.ts";

const ROUND_MS = 60_000;
const startSchema = v.strictObject({ origin: v.string(), folder: v.string() });

/** Fetches and writes each minute, and says on the console when that begins to fail. */
async function run(mirror: StatusMirror): Promise<void> {
  let before: string | null = null;
  for (;;) {
    const startedAt = Date.now();
    const problem = await mirror.round();
    if (problem !== null && problem !== before) complain(`The server cannot be reached: ${problem}`);
    before = problem;
    const restMs = Math.max(0, ROUND_MS - (Date.now() - startedAt));
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

self.addEventListener("message", ({ data }) => {
  const { origin, folder } = v.parse(startSchema, data);
  void run(new StatusMirror({ origin, folder, now: Date.now }));
}, { once: true });
self.postMessage("ready");
