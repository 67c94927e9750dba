import { signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { followTabs } from "../../../client/notify/browser_tabs.ts";

const CLAIM_MS = 3_000;

describe("the tabs of a browser", () => {
  it("let one of them make a sound for a message, and each for another message", async () => {
    vi.useFakeTimers();
    const tabs = Array.from({ length: 4 }, () => followTabs(signal(false)));
    const claims = async (what: string) =>
      (await Promise.all(tabs.map((tab) => tab.isFirst(what)))).filter((isFirst) => isFirst).length;
    expect(await claims("room 1")).toBe(1);
    expect(await claims("room 2")).toBe(1);
    // Tabs in the background hear of it a little later.
    await vi.advanceTimersByTimeAsync(CLAIM_MS - 1);
    expect(await claims("room 1")).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * CLAIM_MS);
    vi.useRealTimers();
    for (const tab of tabs) tab[Symbol.dispose]();
  });

  it("know whether the user looks at another one", async () => {
    const isAttentive = signal(false);
    using here = followTabs(signal(false));
    using there = followTabs(isAttentive);
    expect(await here.isOtherLookedAt()).toBe(false);
    isAttentive.value = true;
    await vi.waitFor(async () => expect(await here.isOtherLookedAt()).toBe(true));
    expect(await there.isOtherLookedAt()).toBe(false);
    isAttentive.value = false;
    await vi.waitFor(async () => expect(await here.isOtherLookedAt()).toBe(false));
  });
});
