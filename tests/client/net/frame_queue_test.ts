import { effect, signal } from "@preact/signals";
import { describe, expect, it, vi } from "vitest";
import { FrameQueue } from "../../../client/net/frame_queue.ts";

/** A queue whose frames come, and are drawn, when the test says so. */
function queue({ isVisible = signal(true) } = {}) {
  vi.useFakeTimers();
  const asked: (() => void)[] = [];
  let nowMs = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const input = { isWaiting: false };
  const frames = new FrameQueue({
    isVisible,
    isInputWaiting: () => input.isWaiting,
    onFrame: (callback) => void asked.push(callback),
  });
  const handed: number[] = [];
  return {
    frames,
    handed,
    isVisible,
    input,
    asked,
    add: (...numbers: number[]) => numbers.forEach((number) => frames.add(() => void handed.push(number))),
    nextFrame: (afterMs = 16) => {
      nowMs += afterMs;
      asked.splice(0).forEach((callback) => callback());
    },
    /** The frame that came last is drawn. */
    drawn: (afterMs = 0) => {
      nowMs += afterMs;
      vi.advanceTimersByTime(0);
    },
    [Symbol.dispose]: () => {
      frames[Symbol.dispose]();
      clock.mockRestore();
      vi.useRealTimers();
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

  it("draws what takes long in parts that fit, and in larger ones when that is quick", () => {
    using q = queue();
    const all = Array.from({ length: 100 }, (_, index) => index);
    q.add(...all);
    q.nextFrame();
    expect(q.handed.length).toBe(1 + 16);
    q.nextFrame(60);
    expect(q.handed.length).toBe(17);
    // Took 160 ms, so that half as many fit; but an eighth of the 83 that wait is more.
    q.drawn(100);
    expect(q.handed.length).toBe(17 + 11);
    q.nextFrame(40);
    q.drawn(20);
    expect(q.handed.length).toBe(28 + 16);
    q.nextFrame();
    expect(q.handed.length).toBe(44 + 32);
    q.nextFrame();
    expect(q.handed).toEqual(all);
  });

  it("lets keys go first where drawing takes long, but not for ever", () => {
    using q = queue();
    q.add(1, 2);
    q.nextFrame(80);
    q.input.isWaiting = true;
    q.drawn();
    q.nextFrame();
    q.drawn();
    expect(q.handed).toEqual([1]);
    q.input.isWaiting = false;
    q.nextFrame();
    q.drawn();
    expect(q.handed).toEqual([1, 2]);

    q.add(3);
    q.input.isWaiting = true;
    q.nextFrame(80);
    q.drawn();
    q.nextFrame(200);
    q.drawn();
    expect(q.handed).toEqual([1, 2]);
    q.nextFrame(50);
    q.drawn();
    expect(q.handed).toEqual([1, 2, 3]);

    // Where it is quick, both are in the same frame.
    q.add(4);
    q.nextFrame();
    expect(q.handed).toEqual([1, 2, 3, 4]);
  });

  it("hands on all parts when the tab is hidden", () => {
    using q = queue();
    const all = Array.from({ length: 100 }, (_, index) => index);
    q.add(...all);
    q.nextFrame(80);
    q.isVisible.value = false;
    expect(q.handed).toEqual(all);
  });

  it("hands on at once where there are no frames", () => {
    const handed: number[] = [];
    const frames = new FrameQueue({ isVisible: signal(true), isInputWaiting: () => false, onFrame: null });
    for (const number of [1, 2, 3]) frames.add(() => void handed.push(number));
    expect(handed).toEqual([1, 2, 3]);
    frames[Symbol.dispose]();
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
