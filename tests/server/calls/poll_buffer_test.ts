import { describe, expect, it } from "vitest";
import { PollBuffer } from "../../../server/calls/poll_buffer.ts";
import type { Item } from "../../../server/streams/frames.ts";

const KEEP_MS = 30_000;

/** A buffer whose clock is set here; updates are numbers. */
function open() {
  const clock = { ms: 0 };
  const buffer = new PollBuffer(() => clock.ms);
  const write = (value: number) => buffer.write([{ value, offset: value } as unknown as Item]);
  return { clock, buffer, write };
}

describe("PollBuffer", () => {
  it("keeps updates for 30 s while others come, and lets a tab that missed one start over", () => {
    const { clock, buffer, write } = open();
    const start = buffer.cursor;
    write(1);
    clock.ms = KEEP_MS;
    write(2);
    expect(buffer.updates()).toEqual([1, 2]);
    clock.ms++;
    write(3);
    expect(buffer.updates()).toEqual([2, 3]);
    expect(buffer.acknowledge(start)).toBe(false);
  });

  it("does not say that nothing was missed when a tab comes back after 30 s", () => {
    const { clock, buffer, write } = open();
    const start = buffer.cursor;
    write(1);
    clock.ms = KEEP_MS;
    expect(buffer.acknowledge(start)).toBe(true);
    expect(buffer.updates()).toEqual([1]);
    clock.ms++;
    expect(buffer.acknowledge(start)).toBe(false);
    expect(buffer.updates()).toEqual([]);
    expect(buffer.acknowledge(buffer.cursor)).toBe(true);
  });
});
