import { signal } from "@preact/signals";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { followPublicEvents } from "../../../client/net/public_events.ts";
import type { Trpc } from "../../../client/net/trpc.ts";
import { DraftWatch } from "../../../client/status/draft_watch.ts";
import { followStatus } from "../../../client/status/status_subscription.ts";
import type { StatusEvent } from "../../../shared/status/apply_change.ts";
import type { Status } from "../../../shared/status/status.ts";

type Handlers = Parameters<Trpc["status"]["onChange"]["subscribe"]>[1];

const STATUS = { sentence: "All systems operational." } as Status;

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => vi.useRealTimers());
});

describe("followStatus", () => {
  function setup() {
    const open: Handlers[] = [];
    const events: StatusEvent[] = [];
    let readCount = 0;
    const isConnected = signal(true);
    const hasSocket = signal(true);
    const stop = followStatus({
      api: {
        current: { query: () => Promise.resolve(STATUS).finally(() => readCount++) },
        onChange: {
          subscribe: (_, handlers) => {
            open.push(handlers);
            return { unsubscribe: () => void open.splice(open.indexOf(handlers), 1) };
          },
        },
      },
      isConnected,
      hasSocket,
      onEvent: (one) => void events.push(one),
    });
    return { open, events, stop, isConnected, hasSocket, reads: () => readCount };
  }

  it("has one subscription, opened again after a failure, and none at the end", () => {
    const { open, stop, isConnected } = setup();
    expect(open.length).toBe(1);
    // The transport itself carries it over a lost connection.
    isConnected.value = false;
    isConnected.value = true;
    expect(open.length).toBe(1);
    open[0]?.onError?.(new Error("Refused"));
    open.length = 0;
    vi.advanceTimersByTime(5_000);
    expect(open.length).toBe(1);
    stop();
    expect([open.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("applies items with and without a position", () => {
    const { open, events, stop } = setup();
    const metrics = { type: "metrics", metrics: { deliveredMs: null, measuredAt: null } } as const;
    const incident = { type: "incident", incident: { id: "i", deletedAt: "" }, offset: 2, at: "" } as const;
    open[0]?.onData?.({ id: "e1.2", data: incident });
    open[0]?.onData?.(metrics);
    expect(events).toEqual([incident, metrics]);
    stop();
  });

  it("asks from time to time where there is no socket, and only while connected", async () => {
    const { open, events, stop, isConnected, hasSocket, reads } = setup();
    hasSocket.value = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect([open.length, reads()]).toEqual([0, 2]);
    expect(events).toEqual([{ type: "snapshot", status: STATUS }, { type: "snapshot", status: STATUS }]);
    isConnected.value = false;
    await vi.advanceTimersByTimeAsync(90_000);
    expect(reads()).toBe(2);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("DraftWatch", () => {
  const LIVE = { id: "live", state: "operational" };
  const FIGURES = { ...STATUS, components: [LIVE], incidents: [] } as unknown as Status;
  const FAILED = { ...FIGURES, components: [{ ...LIVE, state: "major_outage" }] } as unknown as Status;

  function setup() {
    const status = signal<Status | null>(null);
    const isConnected = signal(true);
    let readCount = 0;
    const watch = new DraftWatch({
      api: { drafts: { query: () => Promise.resolve([]).finally(() => readCount++) } },
      onDrafts: () => {},
    });
    const stop = watch.follow({ isConnected, status });
    return { watch, status, isConnected, stop, reads: () => readCount };
  }

  it("reads drafts after what happens, a burst once, and again after a round of probes", async () => {
    const { status, stop, reads } = setup();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads()).toBe(0);
    for (let count = 0; count < 5; count++) status.value = count % 2 === 0 ? FIGURES : FAILED;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads()).toBe(2);
    status.value = FAILED;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads()).toBe(3);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reads once after a change of one's own, which is also in the public events", async () => {
    const { watch, status, stop, reads } = setup();
    status.value = FIGURES;
    await vi.advanceTimersByTimeAsync(100);
    await watch.read();
    expect(reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads()).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads()).toBe(2);
    stop();
    // Whoever follows nothing plans nothing either.
    await watch.read();
    expect([reads(), vi.getTimerCount()]).toEqual([3, 0]);
  });

  it("drops an answer that is older than the last one, and what comes after the end", async () => {
    const answers: ((drafts: readonly never[]) => void)[] = [];
    const seen: number[] = [];
    const watch = new DraftWatch({
      api: { drafts: { query: () => new Promise<never[]>((resolve) => answers.push(resolve as never)) } },
      onDrafts: (drafts) => void seen.push(drafts.length),
    });
    const stop = watch.follow({ isConnected: signal(true), status: signal(FIGURES) });
    const reads = [watch.read(), watch.read(), watch.read()];
    answers[1]?.([{} as never]);
    await reads[1];
    expect(seen).toEqual([]);
    answers[2]?.([{} as never, {} as never]);
    answers[0]?.([]);
    await Promise.all(reads);
    expect(seen).toEqual([2]);
    const last = watch.read();
    stop();
    answers[3]?.([{} as never]);
    await last;
    // Somebody who is no longer an admin keeps none.
    expect(seen).toEqual([2, 0]);
  });

  it("asks nothing for figures, and only every five minutes while nothing happens", async () => {
    const { status, stop, reads } = setup();
    for (let count = 0; count < 40; count++) {
      status.value = { ...FIGURES };
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(reads()).toBe(3);
    stop();
  });

  it("reads them in a busy hour too", async () => {
    const { status, stop, reads } = setup();
    for (let count = 0; count < 20; count++) {
      status.value = count % 2 === 0 ? FIGURES : FAILED;
      await vi.advanceTimersByTimeAsync(300);
    }
    expect(reads()).toBeGreaterThan(1);
    stop();
  });

  it("reads nothing while the connection is lost, and once it is back", async () => {
    const { status, isConnected, stop, reads } = setup();
    isConnected.value = false;
    status.value = FIGURES;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(reads()).toBe(0);
    isConnected.value = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reads()).toBe(1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("followPublicEvents", () => {
  class FakeSource extends EventTarget {
    static readonly CLOSED = 2;
    static readonly all: FakeSource[] = [];
    readonly url: string;
    readyState = 1;

    constructor(url: string) {
      super();
      this.url = url;
      FakeSource.all.push(this);
    }

    close(): void {
      this.readyState = FakeSource.CLOSED;
    }

    hear(type: string, value: unknown, lastEventId = "p7"): void {
      this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(value), lastEventId }));
    }
  }

  function setup() {
    FakeSource.all.length = 0;
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" as DocumentVisibilityState });
    const events: StatusEvent[] = [];
    const stop = followPublicEvents({
      url: "https://chat.example.org/status/events",
      page,
      onEvent: (one) => void events.push(one),
      EventSource: FakeSource as unknown as typeof EventSource,
      random: () => 0,
    });
    const setVisible = (state: DocumentVisibilityState) => {
      page.visibilityState = state;
      page.dispatchEvent(new Event("visibilitychange"));
    };
    const urls = () => FakeSource.all.map(({ url }) => url.replace("https://chat.example.org", ""));
    const openCount = () => FakeSource.all.filter(({ readyState }) => readyState === 1).length;
    return { events, stop, setVisible, urls, openCount };
  }

  it("passes on all events", () => {
    const { events, stop } = setup();
    const [source] = FakeSource.all;
    source?.hear("snapshot", STATUS);
    source?.hear("incident", { id: "i1", deletedAt: "now" });
    source?.hear("metrics", { deliveredMs: null });
    expect(events).toEqual([
      { type: "snapshot", status: STATUS },
      { type: "incident", incident: { id: "i1", deletedAt: "now" } },
      { type: "metrics", metrics: { deliveredMs: null } },
    ]);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("dials again from where it was after silence, and when the browser has given up", () => {
    const { stop, urls, openCount } = setup();
    FakeSource.all[0]?.hear("metrics", {});
    vi.advanceTimersByTime(45_000);
    expect(urls()).toEqual(["/status/events", "/status/events?since=p7"]);
    FakeSource.all[1]?.close();
    FakeSource.all[1]?.dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(19_999);
    expect(urls().length).toBe(2);
    vi.advanceTimersByTime(1);
    expect([urls().length, openCount()]).toEqual([3, 1]);
    stop();
    expect([openCount(), vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("gives its connection back while the page is hidden for long", () => {
    const { stop, setVisible, openCount, urls } = setup();
    setVisible("hidden");
    vi.advanceTimersByTime(30_000);
    setVisible("visible");
    FakeSource.all[0]?.hear("metrics", {});
    expect([urls().length, openCount()]).toEqual([1, 1]);
    setVisible("hidden");
    vi.advanceTimersByTime(44_000);
    FakeSource.all[0]?.hear("metrics", {});
    vi.advanceTimersByTime(16_000);
    expect([openCount(), vi.getTimerCount()]).toEqual([0, 0]);
    setVisible("visible");
    expect([urls().length, openCount()]).toEqual([2, 1]);
    stop();
  });

  it("leaves nothing when it ends while the page is hidden", () => {
    const { stop, setVisible, openCount, urls } = setup();
    setVisible("hidden");
    stop();
    expect([openCount(), vi.getTimerCount()]).toEqual([0, 0]);
    setVisible("visible");
    expect([urls().length, openCount()]).toEqual([1, 0]);
  });
});
