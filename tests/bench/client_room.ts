import { openBrowser } from "../support/browser.ts";
import type { Page } from "../support/browser.ts";
import { openTabMeter } from "../support/tab_memory.ts";
import type { TabMeter } from "../support/tab_memory.ts";
import { startTarget } from "./process.ts";

/** A tab with an open room in which others talk. */
export interface ClientRoom extends AsyncDisposable {
  readonly page: Page;
  readonly meter: TabMeter;
  /** Lets others say so much in the open room; resolves when the tab shows the last of it. */
  talk(count: number, perSecond: number): Promise<void>;
  /** The same in all other rooms in turn. */
  talkElsewhere(count: number, perSecond: number): Promise<void>;
}

/** More than the slowest tab needs to show what was said. */
const SHOWN_TIMEOUT_MS = 60_000;

/** Starts a server of its own and opens its first room in Chromium. */
export async function openClientRoom(
  plan: { readonly roomCount: number; readonly lineCount: number },
): Promise<ClientRoom> {
  await using opened = new AsyncDisposableStack();
  const args = [String(plan.roomCount), String(plan.lineCount)];
  const target = opened.use(await startTarget("./targets/talk.ts", { args }));
  const browser = opened.use(await openBrowser());
  const profile = opened.use(await browser.openProfile());
  const url = `http://127.0.0.1:${target.hello.port}`;
  const value = String(target.hello["session"]);
  await profile.context.addCookies([{ name: "sid", value, url, httpOnly: true, sameSite: "Lax" }]);
  const [roomId] = target.hello["roomIds"] as string[];
  const page = await profile.openPage(`${url}/r/${roomId}`);
  await page.locator(".log article").last().waitFor();
  const meter = await openTabMeter(page);
  const parts = opened.move();
  return {
    page,
    meter,
    async talk(count, perSecond) {
      const { last } = await target.ask({ count, perSecond });
      await page.waitForFunction(
        (text) => document.querySelector(".log-rows")?.lastElementChild?.textContent?.includes(text),
        String(last),
        { timeout: SHOWN_TIMEOUT_MS },
      );
    },
    async talkElsewhere(count, perSecond) {
      await target.ask({ count, perSecond, isElsewhere: true });
      // More than is counted in the title is unread by then.
      await page.waitForFunction(() => document.title.startsWith("(99+)"), null, {
        timeout: SHOWN_TIMEOUT_MS,
      });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
