import { signal } from "@preact/signals";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OUTBOX_SYNC_TAG, requestSync } from "../../../client/outbox/sync_request.ts";

describe("requestSync()", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("asks when messages wait without connection, or when the page is hidden meanwhile", async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
    vi.stubGlobal("document", page);
    const register = vi.fn((_tag: string) => Promise.resolve());
    const [isOpen, waitingCount] = [signal(true), signal(0)];
    const container = { getRegistration: () => Promise.resolve({ sync: { register } }) };
    const stop = requestSync({ container, isOpen, waitingCount });
    const hide = () => {
      page.visibilityState = "hidden";
      page.dispatchEvent(new Event("visibilitychange"));
    };
    hide();
    waitingCount.value = 1;
    await Promise.resolve();
    expect(register).not.toHaveBeenCalled();
    hide();
    await vi.waitFor(() => expect(register.mock.calls).toEqual([[OUTBOX_SYNC_TAG]]));
    isOpen.value = false;
    await vi.waitFor(() => expect(register).toHaveBeenCalledTimes(2));
    stop();
    hide();
    await Promise.resolve();
    expect(register).toHaveBeenCalledTimes(2);
  });
});
