import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Tells how many bytes of heap are left of some work when its garbage is gone. */
export async function keptHeapBytes(work: () => void | Promise<void>): Promise<number> {
  collectGarbage();
  const before = Deno.memoryUsage().heapUsed;
  await work();
  collectGarbage();
  return Deno.memoryUsage().heapUsed - before;
}
