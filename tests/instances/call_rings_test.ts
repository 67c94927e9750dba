import { describe, expect, it } from "vitest";
import { callTab, codeOf, directRoom } from "../support/call_kit.ts";
import { hasDenokv } from "../support/denokv.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";
import type { TwoInstancesOptions } from "../support/two_instances.ts";

const isPossible = await hasDenokv();
const SOON = { timeoutMs: 30_000 };

/** Ana on one instance, who rings Ben on the other. */
async function openPair(options: TwoInstancesOptions = {}) {
  await using opened = new AsyncDisposableStack();
  const pair = opened.use(await twoInstances(options));
  const { owner: ana } = pair.app;
  const ben = await pair.app.person("Ben");
  const [roomId, caller, callee] = [
    await directRoom(ana, ben),
    await callTab(pair.client("a", ana, "ws")),
    await callTab(pair.client("b", ben, "ws")),
  ];
  const closing = opened.move();
  return { ben, roomId, caller, callee, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

describe.skipIf(!isPossible)("rings between two instances", () => {
  it("ICALL10 that are declined, cancelled or meet somebody in another call end on both", async () => {
    await using pair = await openPair();
    const { ben, roomId, caller, callee } = pair;
    const decline = (callId: string, reason: "declined" | "busy") =>
      callee.api.calls.decline.mutate({ callId, tabId: callee.tabId, reason });

    const { call: declined } = await caller.start(roomId);
    await callee.next("ring");
    await decline(declined.callId, "declined");
    expect(await caller.next("ring_ended")).toMatchObject({ userId: ben.id, reason: "declined" });
    expect((await callee.next("ring_ended")).reason).toBe("declined");
    await caller.leave(declined);

    const { call: cancelled } = await caller.start(roomId);
    await callee.next("ring", 1);
    await caller.leave(cancelled);
    expect(await callee.next("ring_ended", 1)).toMatchObject({
      callId: cancelled.callId,
      reason: "cancelled",
    });
    expect(await codeOf(callee.accept(cancelled))).not.toBe("ok");

    const { call: busy } = await caller.start(roomId);
    await callee.next("ring", 2);
    await decline(busy.callId, "busy");
    await waitFor(() => caller.all("ring_state").at(-1)?.state === "in_another_call", SOON);
    await waitFor(() => caller.all("ring_ended").at(-1)?.callId === busy.callId, SOON);
  });

  it("ICALL11 that nobody answers are missed on both", async () => {
    await using pair = await openPair({
      callTimes: { ringMs: 1_000, leaseMs: 30_000, renewMs: 10_000 },
    });
    const { roomId, caller, callee } = pair;
    const { call } = await caller.start(roomId);
    await callee.next("ring");
    for (const tab of [caller, callee]) {
      expect(await tab.next("ring_ended")).toMatchObject({ callId: call.callId, reason: "missed" });
    }
  });
});
