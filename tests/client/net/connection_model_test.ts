import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  BACK_FOR_MS,
  BANNER_AFTER_MS,
  ConnectionModel,
  HISTORY_MAX_COUNT,
} from "../../../client/net/connection_model.ts";

describe("ConnectionModel", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("says nothing about short trouble", () => {
    const model = new ConnectionModel();
    model.begin("websocket");
    model.opened("websocket");
    model.lost("1006");
    vi.advanceTimersByTime(BANNER_AFTER_MS - 1);
    expect(model.notice.value).toBe("none");
    model.opened("websocket");
    vi.advanceTimersByTime(60_000);
    expect(model.notice.value).toBe("none");
  });

  it("speaks after four seconds, says when it is back, and falls silent again", () => {
    const model = new ConnectionModel();
    model.begin("websocket");
    model.opened("websocket");
    model.lost("1006");
    vi.advanceTimersByTime(BANNER_AFTER_MS);
    expect(model.notice.value).toBe("lost");
    model.planned(Date.now() + 7_000);
    expect(model.retryAt.value).toBe(Date.now() + 7_000);
    model.opened("websocket");
    expect(model.notice.value).toBe("back");
    expect(model.retryAt.value).toBeNull();
    vi.advanceTimersByTime(BACK_FOR_MS);
    expect(model.notice.value).toBe("none");
  });

  it("counts the silence before the loss was noticed", () => {
    const model = new ConnectionModel();
    model.begin("websocket");
    model.opened("websocket");
    model.lost("No sign of life", Date.now() - 8_000);
    vi.advanceTimersByTime(1_000);
    expect(model.notice.value).toBe("lost");
    model.stopped("idle");
  });

  it("calls it offline when the device says so or the session is over", () => {
    const isDeviceOnline = signal(true);
    const model = new ConnectionModel({ isDeviceOnline });
    model.begin("websocket");
    isDeviceOnline.value = false;
    vi.advanceTimersByTime(BANNER_AFTER_MS);
    expect(model.notice.value).toBe("offline");
    model.stopped("ended");
    expect(model.notice.value).toBe("none");
  });

  it("hands tryNow on", () => {
    const model = new ConnectionModel();
    const tried = vi.fn();
    model.handleTryNow(tried);
    model.tryNow();
    expect(tried).toHaveBeenCalledTimes(1);
  });

  it("remembers what has happened, and counts what repeats itself", () => {
    const model = new ConnectionModel();
    model.begin("websocket");
    model.opened("websocket");
    vi.advanceTimersByTime(1_000);
    model.lost("1006 No sign of life");
    for (let i = 0; i < 3; i++) model.dialFailed("1006");
    model.switched("sse");
    model.switched("sse");
    model.opened("sse");
    const [first] = model.history.value;
    expect(model.history.value.map(({ at, ...event }) => [at - (first?.at ?? 0), ...Object.values(event)]))
      .toEqual([
        [0, "opened", "websocket", "", 1],
        [1_000, "lost", "websocket", "1006 No sign of life", 1],
        [1_000, "dial_failed", "websocket", "1006", 3],
        [1_000, "switched", "sse", "", 1],
        [1_000, "opened", "sse", "", 1],
      ]);
    model.stopped("idle");
  });

  it("remembers only the latest", () => {
    const model = new ConnectionModel();
    model.begin("websocket");
    for (let i = 0; i < 50; i++) model.lost(`reason ${i}`);
    expect(model.history.value).toHaveLength(HISTORY_MAX_COUNT);
    expect(model.history.value.at(-1)?.reason).toBe("reason 49");
    model.stopped("idle");
  });

  it("hands measure on, and has the last round trip", () => {
    const model = new ConnectionModel();
    const measured = vi.fn();
    model.handleMeasure(measured);
    expect(model.roundTripMs.value).toBeNull();
    model.measure();
    expect(measured).toHaveBeenCalledTimes(1);
    model.answered(12);
    expect(model.roundTripMs.value).toBe(12);
  });
});
