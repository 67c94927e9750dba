import type { Page } from "./browser.ts";

/** What a page keeps, after its garbage is gone. */
export interface TabMemory {
  readonly heapMb: number;
  /** Nodes of the document and those that only scripts still hold. */
  readonly nodeCount: number;
  readonly listenerCount: number;
}

/** Reads what a page takes, from the browser itself. */
export interface TabMeter {
  /** Memory that is left after a forced collection. */
  memory(): Promise<TabMemory>;
  /** Seconds of main thread so far: all tasks, and of those scripts, layout and styles. */
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
      // What the first round frees from scripts, the second one frees from the document.
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
