import { effect, signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { FrameQueue } from "../../../client/net/frame_queue.ts";

/** A queue whose frames come when the test says so. */
function queue({ isVisible = signal(true) } = {}) {
  const asked: (() => void)[] = [];
  let nowMs = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const frames = new FrameQueue({
    isVisible,
    onFrame: (callback) => void asked.push(callback),
  });
  const handed: number[] = [];
  return {
    frames,
    handed,
    isVisible,
    asked,
    add: (...numbers: number[]) => numbers.forEach((number) => frames.add(() => void handed.push(number))),
    nextFrame: (afterMs = 16) => {
      nowMs += afterMs;
      asked.splice(0).forEach((callback) => callback());
    },
    [Symbol.dispose]: () => {
      frames.dispose();
      clock.mockRestore();
    },
  };
}

describe("FrameQueue", () => {
  it("hands on at once what comes after a pause, and the rest with the next frame", () => {
    using q = queue();
    q.add(1, 2, 3);
    expect(q.handed).toEqual([1]);
    q.nextFrame();
    expect(q.handed).toEqual([1, 2, 3]);
    q.add(4);
    expect(q.handed).toEqual([1, 2, 3]);
    q.nextFrame();
    expect(q.handed).toEqual([1, 2, 3, 4]);
    // A frame in which nothing came ends the wait.
    q.nextFrame();
    expect(q.asked).toEqual([]);
    q.add(5);
    expect(q.handed).toEqual([1, 2, 3, 4, 5]);
  });

  it("makes one change of all that comes in a frame", () => {
    using q = queue();
    const count = signal(0);
    const seen: number[] = [];
    const stop = effect(() => void seen.push(count.value));
    for (let index = 0; index < 10; index++) q.frames.add(() => void count.value++);
    q.nextFrame();
    expect(seen).toEqual([0, 1, 10]);
    stop();
  });

  it("waits for nothing while the tab is hidden, nor when it becomes so", () => {
    using q = queue();
    q.add(1, 2);
    q.isVisible.value = false;
    expect(q.handed).toEqual([1, 2]);
    q.add(3, 4);
    expect(q.handed).toEqual([1, 2, 3, 4]);
  });

  it("rests after a slow frame for as long as it took, so that keys come in between", () => {
    vi.useFakeTimers();
    using q = queue();
    q.add(1, 2);
    q.nextFrame(80);
    q.add(3);
    vi.advanceTimersByTime(79);
    // No frame is asked for that would change nothing.
    expect(q.asked).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(q.handed).toEqual([1]);
    q.nextFrame();
    expect(q.handed).toEqual([1, 2, 3]);
    // Not for ever, and not once frames are quick again.
    q.add(4);
    q.nextFrame(5_000);
    vi.advanceTimersByTime(200);
    q.nextFrame();
    expect(q.handed).toEqual([1, 2, 3, 4]);
    q.add(5);
    q.nextFrame();
    expect(q.handed).toEqual([1, 2, 3, 4, 5]);
    vi.useRealTimers();
  });

  it("hands on what rests when the tab is hidden", () => {
    using q = queue();
    q.add(1, 2);
    q.nextFrame(80);
    q.isVisible.value = false;
    expect(q.handed).toEqual([1, 2]);
  });

  it("hands on at once where there are no frames", () => {
    const handed: number[] = [];
    const frames = new FrameQueue({ isVisible: signal(true), onFrame: null });
    for (const number of [1, 2, 3]) frames.add(() => void handed.push(number));
    expect(handed).toEqual([1, 2, 3]);
    frames.dispose();
  });

  it("keeps the order of what is added meanwhile, and what waits in front of an end", () => {
    using q = queue();
    q.add(0);
    q.frames.add(() => q.add(2));
    q.add(1);
    q.frames.flush();
    expect(q.handed).toEqual([0, 1]);
    q.nextFrame();
    expect(q.handed).toEqual([0, 1, 2]);
  });

  it("reports what fails and hands on the rest", () => {
    using q = queue();
    const report = vi.spyOn(globalThis, "reportError").mockImplementation(() => {});
    q.add(0);
    q.frames.add(() => {
      throw new TypeError("Cannot draw");
    });
    q.add(1);
    q.nextFrame();
    expect(q.handed).toEqual([0, 1]);
    expect(report).toHaveBeenCalledTimes(1);
    report.mockRestore();
  });
});
