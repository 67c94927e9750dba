import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CallListener } from "../../../server/calls/call_listeners.ts";
import { CallPolls } from "../../../server/calls/call_polls.ts";
import type { Sink } from "../../../server/streams/sink.ts";
import { newId } from "../../../shared/ids.ts";
import type { SessionId, TabId, UserId } from "../../../shared/ids.ts";
import type { TabAddress } from "../../../shared/signal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SNAPSHOT = { type: "snapshot", asOf: "", calls: [], rings: [] };

function tabOf(userId = newId<UserId>()): TabAddress {
  return { userId, key: newId<SessionId>(), tabId: newId<TabId>() };
}

/** Writes what a tab hears first. */
function writeSnapshot(sink: Sink): void {
  sink.write([{ value: SNAPSHOT, offset: 0 } as never], null);
}

/** Polls over streams that are decided here: `open` is called with the sink of each tab that begins to listen. */
function openPolls(open: (sink: Sink) => void = writeSnapshot) {
  const listening: (TabId | undefined)[] = [];
  const renewed: TabId[] = [];
  const polls = new CallPolls({
    signals: {
      pipe: async (_: unknown, { tabId, signal }: CallListener, sink: Sink) => {
        open(sink);
        listening.push(tabId);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        listening.splice(listening.indexOf(tabId), 1);
      },
    } as never,
    renew: ({ tabId }) => void renewed.push(tabId),
    elapsed: () => Date.now(),
  });
  const poll = (address: TabAddress, cursor: string | null = null, waitMs = 0) =>
    polls.poll({ address, cursor, waitMs, signal: new AbortController().signal, resolve: async () => {} });
  const typesOf = async (address: TabAddress, cursor: string) => {
    const answer = poll(address, cursor);
    await vi.advanceTimersByTimeAsync(0);
    return (await answer).updates.map(({ type }) => type);
  };
  return { polls, listening, renewed, poll, typesOf };
}

describe("CallPolls", () => {
  it("POLL1 keep ten tabs of a person, and forget the one that polled longest ago", async () => {
    const { polls, listening, poll, typesOf } = openPolls();
    const userId = newId<UserId>();
    const other = tabOf();
    const { cursor: othersCursor } = await poll(other);
    const tabs = Array.from({ length: 10 }, () => tabOf(userId));
    const cursors = await Promise.all(tabs.map(async (tab) => (await poll(tab)).cursor));
    const [first, second] = tabs as [TabAddress, TabAddress];
    // All are still known, and now the second polled longest ago.
    expect(await typesOf(first, cursors[0] as string)).toEqual([]);
    expect(listening.length).toBe(11);
    await poll(tabOf(userId));
    await vi.advanceTimersByTimeAsync(0);
    expect(listening.length).toBe(11);
    expect([listening.includes(first.tabId), listening.includes(second.tabId)]).toEqual([true, false]);
    expect(await typesOf(other, othersCursor), "of somebody else").toEqual([]);
    // A tab that starts over does not listen twice.
    await poll(first);
    await vi.advanceTimersByTimeAsync(0);
    expect(listening.length).toBe(11);
    expect(vi.getTimerCount()).toBe(11);
    polls.close();
    await vi.advanceTimersByTimeAsync(0);
    expect([listening.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("POLL2 keep 2,000 tabs in all, each for 30 s after its last poll", async () => {
    const { polls, listening, poll, typesOf } = openPolls();
    const kept = tabOf();
    const { cursor } = await poll(kept);
    for (let count = 1; count < 2_000; count++) await poll(tabOf());
    await expect(poll(tabOf())).rejects.toMatchObject({
      appCode: "too_many_subscriptions",
      retryAfterMs: 30_000,
    });
    await vi.advanceTimersByTimeAsync(29_999);
    expect(listening.length).toBe(2_000);
    expect(await typesOf(kept, cursor)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(listening).toEqual([kept.tabId]);
    await poll(tabOf());
    polls.close();
  });

  it("POLL3 renew the lease with each poll, and count the 30 s from the end of a wait", async () => {
    const { polls, listening, renewed, poll } = openPolls();
    const tab = tabOf();
    const { cursor } = await poll(tab);
    const waiting = poll(tab, cursor, 20_000);
    expect(renewed).toEqual([tab.tabId, tab.tabId]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await waiting).updates).toEqual([]);
    const ended = poll(tab, cursor, 20_000);
    polls.endWaits();
    expect((await ended).updates).toEqual([]);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(listening.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(listening.length).toBe(0);
    polls.close();
  });

  it("POLL4 say after 5 s that storage does not answer, and pass on why a tab cannot listen", async () => {
    const silent = openPolls(() => {});
    const refused = expect(silent.poll(tabOf())).rejects.toMatchObject({ appCode: "storage_unavailable" });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(silent.polls.waitCount).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(silent.polls.waitCount).toBe(0);
    silent.polls.close();
    let isBroken = true;
    const broken = openPolls((sink) => {
      if (isBroken) throw new Error("Broken");
      writeSnapshot(sink);
    });
    const tab = tabOf();
    await expect(broken.poll(tab)).rejects.toThrow("Broken");
    isBroken = false;
    expect((await broken.poll(tab)).updates).toEqual([SNAPSHOT]);
    broken.polls.close();
  });
});
