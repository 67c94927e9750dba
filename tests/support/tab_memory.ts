import type { Page } from "./browser.ts";

/** What a page keeps in memory after garbage collection. */
export interface TabMemory {
  readonly heapMb: number;
  /** Nodes in the document, and those only referenced by scripts. */
  readonly nodeCount: number;
  readonly listenerCount: number;
}

/** Reads a page's resource usage from the browser. */
export interface TabMeter {
  /** Memory after a forced garbage collection. */
  memory(): Promise<TabMemory>;
  /** Seconds of main thread time so far: all tasks, and the parts for scripts, layout and styles. */
  busy(): Promise<Record<"all" | "script" | "layout" | "style", number>>;
  /** Slows the page down by a factor; 1 is full speed. */
  slowDown(factor: number): Promise<void>;
}

const BYTES_PER_MB = 1_000_000;

/** Attaches to a page. */
export async function openTabMeter(page: Page): Promise<TabMeter> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  await devtools.send("HeapProfiler.enable");
  const read = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const values = new Map(metrics.map(({ name, value }) => [name, value]));
    return (name: string) => values.get(name) ?? NaN;
  };
  return {
    async memory() {
      // References that one round frees from scripts are freed from the document by the next.
      for (let round = 0; round < 3; round++) await devtools.send("HeapProfiler.collectGarbage");
      const value = await read();
      return {
        heapMb: value("JSHeapUsedSize") / BYTES_PER_MB,
        nodeCount: value("Nodes"),
        listenerCount: value("JSEventListeners"),
      };
    },
    async busy() {
      const value = await read();
      return {
        all: value("TaskDuration"),
        script: value("ScriptDuration"),
        layout: value("LayoutDuration"),
        style: value("RecalcStyleDuration"),
      };
    },
    async slowDown(rate) {
      await devtools.send("Emulation.setCPUThrottlingRate", { rate });
    },
  };
}
