import type { Page } from "./browser.ts";

/**
 * Counts the calls of a page's functions while something happens. What is drawn anew without need changes nothing in
 * the document and takes more or less time by machine, but each drawing calls functions.
 */
export async function countCalls(page: Page, work: () => Promise<void>): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Profiler.enable");
  await devtools.send("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await work();
  const { result } = await devtools.send("Profiler.takePreciseCoverage");
  await devtools.detach();
  // What has no address is the test's own.
  const functions = result.filter(({ url }) => url !== "").flatMap((script) => script.functions);
  return functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
}
