import { describe, expect, it } from "vitest";
import { CallTabs } from "../../../client/calls/call_tabs.ts";
import { newId } from "../../../shared/ids.ts";
import type { CallId } from "../../../shared/ids.ts";

const call = "call" as CallId;
const second = "second" as CallId;

describe("tabs of one browser", () => {
  it("know in which call another one is, also those that are opened later, and of one person alone", async () => {
    const person = newId();
    using one = new CallTabs(person);
    using two = new CallTabs(person);
    using stranger = new CallTabs(newId());
    one.tell(call);
    await expect.poll(() => two.elsewhere.peek()).toBe(call);
    using late = new CallTabs(person);
    await expect.poll(() => late.elsewhere.peek()).toBe(call);
    expect([one.elsewhere.peek(), stranger.elsewhere.peek()]).toEqual([null, null]);
  });

  it("keep them apart when there are three", async () => {
    const person = newId();
    using one = new CallTabs(person);
    using two = new CallTabs(person);
    using three = new CallTabs(person);
    one.tell(call);
    await expect.poll(() => three.elsewhere.peek()).toBe(call);
    two.tell(second);
    await expect.poll(() => three.elsewhere.peek()).toBe(second);
    // The one that leaves last is not hidden by the one that leaves first.
    two.tell(null);
    await expect.poll(() => three.elsewhere.peek()).toBe(call);
    one[Symbol.dispose]();
    await expect.poll(() => three.elsewhere.peek()).toBeNull();
  });

  it("forget one that crashed", async () => {
    const person = newId();
    const crashed = newId();
    const lives = Promise.withResolvers<void>();
    const lock = navigator.locks.request(`parley-calls-${person}-${crashed}`, () => lives.promise);
    const channel = new BroadcastChannel(`parley-calls-${person}`);
    using other = new CallTabs(person);
    channel.postMessage({ type: "in", tab: crashed, callId: call });
    await expect.poll(() => other.elsewhere.peek()).toBe(call);
    // The browser frees its lock; it says nothing.
    lives.resolve();
    await lock;
    await expect.poll(() => other.elsewhere.peek()).toBeNull();
    channel.close();
  });
});
