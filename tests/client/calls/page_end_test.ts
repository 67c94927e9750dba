import { describe, expect, it } from "vitest";
import { PageEnd } from "../../../client/calls/page_end.ts";

/** Whether the browser would ask before the page is closed. */
function asks(page: EventTarget): boolean {
  const event = new Event("beforeunload", { cancelable: true });
  page.dispatchEvent(event);
  return event.defaultPrevented;
}

describe("PageEnd", () => {
  it("asks before a tab is closed, as long as it is in a call", () => {
    const page = new EventTarget();
    using end = new PageEnd(page as Window, { isInCall: () => true, onEnd: () => {} });
    expect(asks(page)).toBe(false);
    end.warn(true);
    end.warn(true);
    expect(asks(page)).toBe(true);
    end.warn(false);
    expect(asks(page)).toBe(false);
    end.warn(true);
    end[Symbol.dispose]();
    expect(asks(page)).toBe(false);
  });

  it("tells that a page in a call has ended, and whether it follows itself", () => {
    const told: boolean[] = [];
    let isInCall = false;
    const page = Object.assign(new EventTarget(), {
      onpageswap: null,
      location: { href: "https://a.test/" },
    });
    using _end = new PageEnd(page as unknown as Window, {
      isInCall: () => isInCall,
      onEnd: (mayReturn) => told.push(mayReturn),
    });
    const swap = (url: string) =>
      Object.assign(new Event("pageswap"), { activation: { entry: { url }, navigationType: "reload" } });
    page.dispatchEvent(new Event("pagehide"));
    isInCall = true;
    page.dispatchEvent(new Event("pagehide"));
    page.dispatchEvent(swap("https://a.test/"));
    page.dispatchEvent(new Event("pagehide"));
    page.dispatchEvent(swap("https://b.test/"));
    page.dispatchEvent(new Event("pagehide"));
    expect(told).toEqual([false, true, false]);
  });
});
