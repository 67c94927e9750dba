import { describe, expect, it } from "vitest";
import { acquireFile, HELD_TOLD_MS } from "../../../../client/calls/files/held_file.ts";
import type { SyncFile } from "../../../../client/calls/files/stored_file.ts";

const handle = {} as SyncFile;

/** Tries to open a file that somebody holds until then; `endAt` is when nobody wants it any more. */
function acquire({ freeAt, endAt = Infinity }: { freeAt: number; endAt?: number }) {
  const wanted = new AbortController();
  const heldAt: number[] = [];
  let nowMs = 0;
  const acquired = acquireFile(() => {
    if (nowMs >= freeAt) return Promise.resolve(handle);
    return Promise.reject(new DOMException("Held", "NoModificationAllowedError"));
  }, {
    signal: wanted.signal,
    onHeld: () => void heldAt.push(nowMs),
    now: () => nowMs,
    wait: (ms) => {
      nowMs += ms;
      if (nowMs >= endAt) wanted.abort();
      return Promise.resolve();
    },
  });
  return acquired.then((acquired) => ({ acquired, heldAt, nowMs }));
}

describe("acquireFile()", () => {
  it("takes a file that nobody holds", async () => {
    expect(await acquire({ freeAt: 0 })).toEqual({
      acquired: { handle, wasHeld: false },
      heldAt: [],
      nowMs: 0,
    });
  });

  it("says nothing of a page that lets go soon after it is gone", async () => {
    const { acquired, heldAt, nowMs } = await acquire({ freeAt: 1_990 });
    expect([acquired, heldAt, nowMs]).toEqual([{ handle, wasHeld: true }, [], 2_000]);
  });

  it("says once that another tab holds it, and takes it when that one lets go, however late", async () => {
    const { acquired, heldAt } = await acquire({ freeAt: 3_600_000 });
    expect([acquired, heldAt]).toEqual([{ handle, wasHeld: true }, [HELD_TOLD_MS]]);
  });

  it("does not try any more when nobody wants it", async () => {
    expect((await acquire({ freeAt: Infinity, endAt: 10_000 })).acquired).toBeNull();
  });

  it("tells what else is wrong", async () => {
    const open = () => Promise.reject(new DOMException("Full", "QuotaExceededError"));
    const { signal } = new AbortController();
    await expect(acquireFile(open, { signal, onHeld: () => {} })).rejects.toThrow("Full");
  });
});
