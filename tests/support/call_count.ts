import type { Page } from "./browser.ts";

/**
 * Counts calls of a page's functions while something happens. Needless rendering does not change the document, and
 * its duration depends on the machine, but it always calls functions.
 */
export async function countCalls(page: Page, work: () => Promise<void>): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Profiler.enable");
  await devtools.send("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await work();
  const { result } = await devtools.send("Profiler.takePreciseCoverage");
  await devtools.detach();
  // Functions without a URL belong to the test.
  const functions = result.filter(({ url }) => url !== "").flatMap((script) => script.functions);
  return functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
}
