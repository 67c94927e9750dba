import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RetryGate } from "../../../client/net/retry_gate.ts";

function setUp(random = 0.999) {
  const planned: (number | null)[] = [];
  const gate = new RetryGate({
    now: Date.now,
    random: () => random,
    onPlanned: (retryAt) => planned.push(retryAt === null ? null : retryAt - Date.now()),
  });
  let passedCount = 0;
  const pass = () => void gate.pass().then(() => passedCount++, () => {});
  return { gate, planned, pass, passed: () => passedCount };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("RetryGate", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("lets the first dial through at once", async () => {
    const { pass, passed } = setUp();
    pass();
    await settle();
    expect(passed()).toBe(1);
  });

  it("waits longer after each failed dial", async () => {
    const { gate, planned, pass, passed } = setUp();
    for (let i = 0; i < 4; i++) {
      gate.failed();
      pass();
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(passed()).toBe(4);
    expect(planned.filter((ms) => ms !== null)).toEqual([999, 1998, 3996, 4995]);
  });

  it("counts the time that a dial has taken as waited", async () => {
    const { gate, planned, pass, passed } = setUp();
    for (let i = 0; i < 4; i++) {
      gate.failed(8_000);
      pass();
      await settle();
      expect(passed()).toBe(i + 1);
      await vi.advanceTimersByTimeAsync(8_000);
    }
    // After a minute, waits are longer than dials.
    await vi.advanceTimersByTimeAsync(60_000);
    gate.failed(8_000);
    pass();
    await vi.advanceTimersByTimeAsync(8_000);
    gate.failed(8_000);
    pass();
    await settle();
    expect(planned.filter((ms) => ms !== null)).toEqual([0, 0, 0, 0, 7_984, 21_970]);
    gate.cancel();
  });

  it("lets a waiting dial through when asked", async () => {
    const { gate, pass, passed } = setUp();
    gate.failed();
    pass();
    await settle();
    expect(passed()).toBe(0);
    gate.open();
    await settle();
    expect(passed()).toBe(1);
  });

  it("starts over only after a connection that lasted", async () => {
    const { gate, planned, pass } = setUp();
    for (let i = 0; i < 3; i++) {
      gate.succeeded();
      gate.lost();
      pass();
      await vi.advanceTimersByTimeAsync(10_000);
    }
    gate.succeeded();
    await vi.advanceTimersByTimeAsync(3_000);
    gate.lost();
    pass();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(planned.filter((ms) => ms !== null)).toEqual([999, 1998, 3996, 500]);
  });

  it("waits at least as long as the server asks", async () => {
    const { gate, planned, pass } = setUp(0);
    gate.succeeded();
    gate.lost(10_000);
    pass();
    await settle();
    expect(planned).toEqual([10_000]);
    gate.cancel();
  });

  it("needs no wait while the old connection still works", async () => {
    const { gate, pass, passed } = setUp();
    gate.failed();
    gate.succeeded();
    pass();
    await settle();
    expect(passed()).toBe(1);
  });

  it("waits once a dial beside the old connection has failed, as while a server ends", async () => {
    const { gate, planned, pass, passed } = setUp();
    gate.succeeded();
    pass();
    await settle();
    for (let i = 0; i < 3; i++) {
      gate.failed();
      pass();
      await settle();
      expect(passed()).toBe(i + 1);
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(planned.filter((ms) => ms !== null)).toEqual([999, 1998, 3996]);
    gate.succeeded();
    pass();
    await settle();
    expect(passed()).toBe(5);
  });
});
