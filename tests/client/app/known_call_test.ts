import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { knownCall } from "../../../client/app/known_call.ts";
import { CallsWatch } from "../../../client/calls/calls_watch.ts";
import type { CallsModels } from "../../../client/app/calls_models.ts";
import type { TabId } from "../../../shared/ids.ts";
import { CALL, callOf } from "../calls/call_states.ts";

/** What a page knows of calls, without a server. */
function openWatch() {
  const watch = new CallsWatch({
    api: { onSignal: { subscribe: () => ({ unsubscribe: () => {} }) } } as never,
    tabId: "tab" as TabId,
    isConnected: signal(true),
    hasSocket: signal(false),
    need: signal("page"),
  });
  return { watch, models: signal<CallsModels | null>({ tabId: "tab" as TabId, watch, wasInCall: false }) };
}

describe("knownCall()", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("finds a call that is known, or becomes known", async () => {
    const { watch, models } = openWatch();
    watch.apply({ type: "snapshot", calls: [], rings: [] });
    const found = knownCall({ models }, CALL);
    watch.apply({ type: "call_changed", call: callOf([{ name: "Ana" }]) });
    expect((await found)?.callId).toBe(CALL);
    expect((await knownCall({ models }, CALL))?.callId).toBe(CALL);
  });

  it("knows at once that a call is over when the page has just opened", async () => {
    const { watch, models } = openWatch();
    const found = knownCall({ models }, CALL);
    watch.apply({ type: "snapshot", calls: [], rings: [] });
    expect(await found).toBe(null);
  });

  it("gives up on a page whose connection may be frozen", async () => {
    const { watch, models } = openWatch();
    watch.apply({ type: "snapshot", calls: [], rings: [] });
    const found = knownCall({ models }, CALL);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await found).toBe(null);
  });
});
