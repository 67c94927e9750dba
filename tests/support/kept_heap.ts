import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Returns how much heap some work retains after garbage collection. */
export async function keptHeapBytes(work: () => void | Promise<void>): Promise<number> {
  collectGarbage();
  const before = Deno.memoryUsage().heapUsed;
  await work();
  collectGarbage();
  return Deno.memoryUsage().heapUsed - before;
}
