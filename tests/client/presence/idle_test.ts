import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { PRESENCE_IDLE_MS } from "../../../shared/limits.ts";
import { IdleModel } from "../../../client/presence/idle.ts";

const TICK_MS = 10_000;
const MINUTE_MS = 60_000;

class Page extends EventTarget {
  visibilityState: "visible" | "hidden" = "visible";

  turn(state: "visible" | "hidden"): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

function setup(options: { readonly isInCall?: ReadonlySignal<boolean> } = {}) {
  const input = new EventTarget();
  const page = new Page();
  const model = new IdleModel({ input, page, ...options });
  model.start();
  onTestFinished(() => model[Symbol.dispose]());
  return { input, page, model, touch: () => input.dispatchEvent(new Event("pointermove")) };
}

async function wait(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** The clock goes on while no timer fires, as in sleep. */
function sleep(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

describe("IdleModel", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => vi.useRealTimers());
  });

  it("PRS60 is idle after five minutes without input, and back with the first", async () => {
    const { model, touch } = setup();
    await wait(PRESENCE_IDLE_MS - TICK_MS);
    touch();
    await wait(PRESENCE_IDLE_MS - TICK_MS);
    expect(model.isIdle.value).toBe(false);
    await wait(2 * TICK_MS);
    expect(model.isIdle.value).toBe(true);
    touch();
    expect(model.isIdle.value).toBe(false);
  });

  it("PRS61 is idle once hidden for a minute, not for a look elsewhere", async () => {
    const { model, page } = setup();
    page.turn("hidden");
    await wait(MINUTE_MS - TICK_MS);
    expect(model.isIdle.value).toBe(false);
    page.turn("visible");
    await wait(MINUTE_MS);
    expect(model.isIdle.value).toBe(false);
    page.turn("hidden");
    await wait(MINUTE_MS + TICK_MS);
    expect(model.isIdle.value).toBe(true);
    page.turn("visible");
    expect(model.isIdle.value).toBe(false);
  });

  it("PRS62 is idle after the machine slept until somebody touches it", async () => {
    const { model, touch } = setup();
    sleep(MINUTE_MS);
    await wait(TICK_MS);
    expect(model.isIdle.value).toBe(true);
    await wait(MINUTE_MS);
    expect(model.isIdle.value).toBe(true);
    touch();
    await wait(TICK_MS);
    expect(model.isIdle.value).toBe(false);
  });

  it("PRS66 is not idle in a call, and as before once it is over", async () => {
    const isInCall = signal(true);
    const { model } = setup({ isInCall });
    await wait(PRESENCE_IDLE_MS + TICK_MS);
    expect(model.isIdle.value).toBe(false);
    isInCall.value = false;
    expect(model.isIdle.value).toBe(true);
  });

  it("PRS65 is idle after sleep also when the tab is shown again by the wake itself", async () => {
    const { model, page } = setup();
    page.turn("hidden");
    sleep(60 * MINUTE_MS);
    page.turn("visible");
    expect(model.isIdle.value).toBe(true);
    await wait(TICK_MS);
    expect(model.isIdle.value).toBe(true);
  });

  it("PRS63 takes slow timers of a hidden tab for no sleep", async () => {
    const { model, page } = setup();
    page.turn("hidden");
    sleep(MINUTE_MS - TICK_MS);
    page.turn("visible");
    expect(model.isIdle.value).toBe(false);
    await wait(TICK_MS);
    expect(model.isIdle.value).toBe(false);
  });

  it("PRS64 leaves nothing behind", () => {
    const { model, touch } = setup();
    model[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    touch();
  });
});
