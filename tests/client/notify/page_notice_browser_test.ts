import { describe, expect, it } from "vitest";
import type { showPageNotice as ShowPageNotice } from "../../../client/notify/page_notice.ts";
import type { RoomId } from "../../../shared/ids.ts";
import { openBrowser } from "../../support/browser.ts";
import type { Page } from "../../support/browser.ts";
import { serveComponentPage } from "../../support/component_page.ts";

declare global {
  var showPageNotice: typeof ShowPageNotice;
}

/** Shows a notification on a hidden page, takes it back when it is there or before, and returns what happened. */
function takeBack(page: Page, when: "shown" | "at once"): Promise<string[]> {
  return page.evaluate(async (when) => {
    Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
    const events: string[] = [];
    const { promise: shown, resolve: isShown } = Promise.withResolvers<void>();
    const { promise: closed, resolve: isClosed } = Promise.withResolvers<void>();
    const Original = Notification;
    globalThis.Notification = class extends Original {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        this.addEventListener("show", () => isShown(void events.push("shown")));
        this.addEventListener("close", () => isClosed(void events.push("closed")));
      }
    };
    const notice = {
      roomId: when as unknown as RoomId,
      title: "Ana",
      body: "the tide is in",
      onOpen() {},
      showByWorker() {},
    };
    const takeBack = globalThis.showPageNotice(notice);
    globalThis.Notification = Original;
    if (when === "shown") await shown;
    takeBack();
    await closed;
    return events;
  }, when);
}

describe("showPageNotice()", () => {
  it("is taken back, also before the browser has shown it", async () => {
    await using served = await serveComponentPage("tests/client/notify/NoticePage.tsx");
    await using browser = await openBrowser();
    await using profile = await browser.openProfile({ permissions: ["notifications"] });
    const page = await profile.openPage(served.url);
    await page.waitForFunction(() => "showPageNotice" in globalThis);
    expect(await takeBack(page, "shown")).toEqual(["shown", "closed"]);
    expect((await takeBack(page, "at once")).at(-1)).toBe("closed");
  });
});
