import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StreamPacing } from "../../../server/streams/stream_pacing.ts";

/** The pause if nobody else is slow, and its largest random part. */
const PAUSE_MS = 4;
const JITTER_MS = 6;

describe("StreamPacing", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("PACE1 does not pause while no other instance writes", () => {
    const pacing = new StreamPacing();
    pacing.committed();
    pacing.attempted(100);
    expect(pacing.pauseMs()).toBe(0);
  });

  it("PACE2 pauses after an own commit while another instance writes, less the time that has passed", () => {
    const pacing = new StreamPacing();
    pacing.foreignAppended();
    pacing.committed();
    expectWithin(pacing.pauseMs(), PAUSE_MS, PAUSE_MS + JITTER_MS);
    vi.advanceTimersByTime(3);
    expectWithin(pacing.pauseMs(), PAUSE_MS - 3, PAUSE_MS + JITTER_MS - 3);
    vi.advanceTimersByTime(PAUSE_MS + JITTER_MS);
    expect(pacing.pauseMs()).toBeLessThanOrEqual(0);
  });

  it("PACE3 pauses for a whole attempt of the other instance when storage is slow", () => {
    const pacing = new StreamPacing();
    for (let attempt = 0; attempt < 50; attempt++) pacing.attempted(100);
    pacing.foreignAppended();
    pacing.committed();
    expectWithin(pacing.pauseMs(), 149, 251);
  });

  it("PACE4 stops pausing a second after the last append of the other instance", () => {
    const pacing = new StreamPacing();
    pacing.foreignAppended();
    vi.advanceTimersByTime(1_000);
    pacing.committed();
    expect(pacing.pauseMs()).toBeGreaterThan(0);
    vi.advanceTimersByTime(1);
    pacing.committed();
    expect(pacing.pauseMs()).toBe(0);
  });
});

function expectWithin(value: number, min: number, max: number): void {
  expect(value).toBeGreaterThanOrEqual(min);
  expect(value).toBeLessThanOrEqual(max);
}
