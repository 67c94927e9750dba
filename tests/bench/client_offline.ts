import { OFFLINE_ROOMS_MAX_COUNT } from "../../client/offline/offline_copy.ts";
import { openBrowser } from "../support/browser.ts";
import type { Page } from "../support/browser.ts";
import { delay, startTarget } from "./process.ts";
import { median, printTable } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const RUN_COUNT = 5;
const LINE_COUNT = 50;
const BUDGET_MS = 1_000;
/** Rooms that nobody opens are read one every three seconds. */
const STORED_TIMEOUT_MS = 120_000;
const LOOK_INTERVAL_MS = 1_000;

/** How soon rooms and messages are there without network, with as many rooms stored as can be. */
export async function measureOffline(): Promise<Verdict[]> {
  const args = [String(OFFLINE_ROOMS_MAX_COUNT), String(LINE_COUNT)];
  await using target = await startTarget("./targets/talk.ts", { args });
  await using browser = await openBrowser();
  await using profile = await browser.openProfile({ serviceWorkers: "allow" });
  profile.allowProblems(/./);
  const url = `http://127.0.0.1:${target.hello.port}`;
  const value = String(target.hello["session"]);
  await profile.context.addCookies([{ name: "sid", value, url, httpOnly: true, sameSite: "Lax" }]);
  const [roomId] = target.hello["roomIds"] as string[];
  const page = await profile.openPage(`${url}/r/${roomId}`);
  await waitUntilStored(page);
  await profile.context.setOffline(true);
  const times: number[] = [];
  for (let run = 0; run < RUN_COUNT; run++) {
    await page.reload();
    times.push(await timeOfMessages(page));
  }
  printTable(`${OFFLINE_ROOMS_MAX_COUNT} rooms with ${LINE_COUNT} messages are stored; without network, ms`, [
    ["run", ...times.map((_, index) => String(index + 1))],
    ["messages shown", ...times.map((ms) => ms.toFixed(0))],
  ]);
  return [{
    what: "messages shown without network",
    measured: median(times),
    budget: BUDGET_MS,
    rule: "at most",
    unit: " ms",
  }];
}

/** Waits for all rooms and the list of them, and for the worker. */
async function waitUntilStored(page: Page): Promise<void> {
  await page.locator(".log article").first().waitFor();
  const until = performance.now() + STORED_TIMEOUT_MS;
  while (await countStored(page) <= OFFLINE_ROOMS_MAX_COUNT) {
    if (performance.now() > until) throw new Error("The rooms were not stored");
    await delay(LOOK_INTERVAL_MS);
  }
}

/** How many rows are stored, or 0 if there is no worker yet. */
function countStored(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    if (navigator.serviceWorker.controller === null || !names.includes("parley-offline")) return 0;
    const opening = indexedDB.open("parley-offline");
    await new Promise((resolve) => opening.onsuccess = resolve);
    const counting = opening.result.transaction("items").objectStore("items").count();
    await new Promise((resolve) => counting.onsuccess = resolve);
    opening.result.close();
    return counting.result;
  });
}

/** From the start of the navigation. */
async function timeOfMessages(page: Page): Promise<number> {
  const shownAt = await page.waitForFunction(
    (count) =>
      document.querySelectorAll(".log article").length >= count &&
      document.querySelectorAll(".rooms a").length > 0 && performance.now(),
    LINE_COUNT,
  );
  return Number(await shownAt.jsonValue());
}
