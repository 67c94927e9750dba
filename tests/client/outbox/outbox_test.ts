import { signal } from "@preact/signals";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox } from "../../../client/outbox/outbox.ts";
import type { OutboxTabs } from "../../../client/outbox/outbox_tabs.ts";
import { openOutboxStorage } from "../../../client/outbox/idb_outbox_storage.ts";
import { MemoryOutboxStorage } from "../../../client/outbox/outbox_storage.ts";
import type { OutboxItem, OutboxStorage } from "../../../client/outbox/outbox_storage.ts";
import { singleTab } from "../../support/single_tab.ts";
import { AppError } from "../../../shared/errors.ts";
import type { RoomId } from "../../../shared/ids.ts";
import type { Message } from "../../../shared/message.ts";
import { keptHeapBytes } from "../../support/kept_heap.ts";
import { ANA, BEN, messageAt, ROOM } from "../timeline/room_kit.ts";

const OTHER = "room000000000002" as RoomId;

/** A server that keeps each id once, and fails as it is told. */
class Server {
  readonly kept: OutboxItem[] = [];
  readonly tries: string[] = [];
  failures: (Error | "after" | null)[] = [];
  /** What every answer waits for. */
  delay = Promise.resolve();

  readonly send = async (item: OutboxItem): Promise<Message> => {
    this.tries.push(item.text);
    const failure = this.failures.shift() ?? null;
    await this.delay;
    if (failure instanceof Error) throw failure;
    if (!this.kept.some((one) => one.clientMessageId === item.clientMessageId)) this.kept.push(item);
    // Kept, but the answer is lost.
    if (failure === "after") throw new Error("WebSocket closed");
    return messageAt(this.kept.length, { by: ANA, clientMessageId: item.clientMessageId, text: item.text });
  };

  get texts(): string[] {
    return this.kept.map((item) => item.text);
  }
}

interface SetUp {
  readonly server?: Server;
  readonly storage?: OutboxStorage;
  readonly tabs?: OutboxTabs;
  readonly isOpen?: boolean;
}

function setUp(
  { server = new Server(), storage = new MemoryOutboxStorage(), tabs, isOpen = true }: SetUp = {},
) {
  const open = signal(isOpen);
  const acknowledged: string[] = [];
  const notices: string[] = [];
  const outbox = new Outbox({
    userId: ANA,
    storage,
    send: server.send,
    isOpen: open,
    onStored: (item) => acknowledged.push(item.text),
    onNotice: (text) => notices.push(text),
    tabs: tabs ?? singleTab(),
  });
  const add = (text: string, roomId = ROOM) => outbox.add({ roomId, text, replyTo: null });
  return { server, storage, open, outbox, add, acknowledged, notices };
}

const settle = () => vi.advanceTimersByTimeAsync(60_000);

describe("Outbox", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("shows a message at once and sends it", async () => {
    const { outbox, add, server, acknowledged } = setUp();
    add("hello");
    expect(outbox.items.value.map((item) => item.text)).toEqual(["hello"]);
    await settle();
    expect(server.texts).toEqual(["hello"]);
    expect(acknowledged).toEqual(["hello"]);
    expect(outbox.items.value).toEqual([]);
    outbox[Symbol.dispose]();
  });

  it("waits while offline and sends in order when the connection opens", async () => {
    const { outbox, add, server, open } = setUp({ isOpen: false });
    for (let i = 0; i < 100; i++) add(`m${i}`);
    await settle();
    expect(server.tries).toEqual([]);
    expect(outbox.waitingCount.value).toBe(100);
    open.value = true;
    await settle();
    expect(server.texts).toEqual(Array.from({ length: 100 }, (_, i) => `m${i}`));
    outbox[Symbol.dispose]();
  });

  it("survives a reload", async () => {
    const storage = new MemoryOutboxStorage();
    const first = setUp({ storage, isOpen: false });
    first.add("one");
    first.add("two");
    await settle();
    first.outbox[Symbol.dispose]();
    const second = setUp({ storage });
    await settle();
    expect(second.server.texts).toEqual(["one", "two"]);
    expect(await storage.list(ANA)).toEqual([]);
    second.outbox[Symbol.dispose]();
  });

  it("leaves what another person of this browser has not sent alone", async () => {
    const storage = new MemoryOutboxStorage();
    await storage.put({
      clientMessageId: "b",
      userId: BEN,
      roomId: ROOM,
      text: "ben's",
      replyTo: null,
      at: "",
      order: 1,
      problem: null,
    });
    const { outbox, server } = setUp({ storage });
    await settle();
    expect(server.tries).toEqual([]);
    expect(await storage.list(BEN)).toHaveLength(1);
    outbox[Symbol.dispose]();
  });

  it("sends each message once and in order whatever is lost on the way", async () => {
    const failure = fc.constantFrom<Error | "after" | null>(
      new Error("WebSocket closed"),
      "after",
      new AppError("rate_limited", "Too fast", { retryAfterMs: 200 }),
      new AppError("storage_unavailable", "Storage is away", { retryAfterMs: 1_000 }),
      null,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(failure, { maxLength: 10 }),
        async (count, failures) => {
          const server = new Server();
          server.failures = [...failures];
          const { outbox, add, acknowledged } = setUp({ server });
          const texts = Array.from({ length: count }, (_, i) => `m${i}`);
          for (const text of texts) add(text);
          await settle();
          expect(server.texts).toEqual(texts);
          expect(acknowledged).toEqual(texts);
          expect(outbox.items.value).toEqual([]);
          outbox[Symbol.dispose]();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("waits as long as the server asks, and keeps the pace after that", async () => {
    const { outbox, add, server } = setUp();
    server.failures = [new AppError("rate_limited", "Too fast", { retryAfterMs: 5_000 })];
    add("one");
    add("two");
    await vi.advanceTimersByTimeAsync(4_900);
    expect(server.tries).toEqual(["one"]);
    await vi.advanceTimersByTimeAsync(150);
    expect(server.tries).toEqual(["one", "one"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.tries).toEqual(["one", "one", "two"]);
    await settle();
    outbox[Symbol.dispose]();
  });

  it("sets aside what is refused and goes on with the rest", async () => {
    const { outbox, add, server } = setUp();
    server.failures = [new AppError("room_archived", "The room is archived")];
    const refused = add("refused");
    add("fine");
    await settle();
    expect(server.texts).toEqual(["fine"]);
    expect(outbox.items.value).toMatchObject([{
      text: "refused",
      problem: "This room is archived, so nobody can write in it.",
    }]);
    expect(outbox.waitingCount.value).toBe(0);
    outbox.retry(refused.clientMessageId);
    await settle();
    expect(server.texts).toEqual(["fine", "refused"]);
    expect(server.kept[1]?.clientMessageId).toBe(refused.clientMessageId);
    outbox[Symbol.dispose]();
  });

  it("gives a message back when it is discarded", async () => {
    const { outbox, add, server, storage } = setUp();
    server.failures = [new AppError("too_large", "Too large")];
    const item = add("refused");
    await settle();
    expect(outbox.discard(item.clientMessageId)).toMatchObject({ text: "refused" });
    await settle();
    expect(outbox.items.value).toEqual([]);
    expect(await storage.list(ANA)).toEqual([]);
    outbox[Symbol.dispose]();
  });

  it("holds everything when the session has ended, until the connection opens again", async () => {
    const { outbox, add, server, open } = setUp();
    server.failures = [new AppError("unauthenticated", "Sign in first")];
    add("one", OTHER);
    await settle();
    expect(server.tries).toEqual(["one"]);
    expect(outbox.waitingCount.value).toBe(1);
    open.value = false;
    open.value = true;
    await settle();
    expect(server.texts).toEqual(["one"]);
    outbox[Symbol.dispose]();
  });

  it("lets the event stand for an answer that was lost", async () => {
    const { outbox, add, server, open } = setUp();
    server.failures = ["after"];
    const item = add("one");
    await vi.advanceTimersByTimeAsync(0);
    open.value = false;
    outbox.confirm(item.clientMessageId);
    open.value = true;
    await settle();
    expect(server.tries).toEqual(["one"]);
    expect(outbox.items.value).toEqual([]);
    outbox[Symbol.dispose]();
  });

  it("does not bring back what is done, whatever reading or put ends later", async () => {
    for (const held of ["list", "put"] as const) {
      const memory = new MemoryOutboxStorage();
      const gate = Promise.withResolvers<void>();
      let isHeld = false;
      const storage: OutboxStorage = {
        isDurable: true,
        list: async (userId) => {
          const items = await memory.list(userId);
          if (isHeld && held === "list") await gate.promise;
          return items;
        },
        put: async (item) => {
          if (isHeld && held === "put") await gate.promise;
          await memory.put(item);
        },
        remove: (id) => memory.remove(id),
        close: () => {},
      };
      let tell = () => {};
      const tabs: OutboxTabs = { ...singleTab(), onTold: (listener) => (tell = listener, () => {}) };
      const { outbox, add } = setUp({ storage, tabs, isOpen: false });
      await settle();
      isHeld = held === "put";
      const { clientMessageId } = add("one");
      await settle();
      isHeld = true;
      tell();
      await settle();
      outbox.confirm(clientMessageId);
      await settle();
      isHeld = false;
      gate.resolve();
      await settle();
      expect(outbox.items.value).toEqual([]);
      tell();
      await settle();
      expect(outbox.items.value).toEqual([]);
      expect(await memory.list(ANA)).toEqual([]);
      outbox[Symbol.dispose]();
    }
  });

  it("is in memory where a browser forbids even to look for its storage", async () => {
    const forbidding = {
      get indexedDB(): IDBFactory {
        throw new DOMException("Forbidden", "SecurityError");
      },
    };
    expect((await openOutboxStorage(forbidding)).isDurable).toBe(false);
  });

  it("keeps nothing of what was sent", async () => {
    const { outbox, add } = setUp({
      server: Object.assign(new Server(), {
        send: ({ clientMessageId }: OutboxItem) => Promise.resolve(messageAt(1, { clientMessageId })),
      }),
    });
    const sendAll = async (count: number) => {
      for (let i = 0; i < count; i++) {
        add("one");
        if (i % 20 === 0) await vi.advanceTimersByTimeAsync(0);
      }
      await settle();
      expect(outbox.items.value).toEqual([]);
    };
    await sendAll(200);
    const count = 5_000;
    expect(await keptHeapBytes(() => sendAll(count)) / count).toBeLessThan(60);
    outbox[Symbol.dispose]();
  });

  it("two tabs send everything once, one at a time", async () => {
    const storage = new MemoryOutboxStorage();
    const server = new Server();
    const tabs = twoTabs();
    const first = setUp({ storage, server, tabs: tabs.first, isOpen: false });
    const second = setUp({ storage, server, tabs: tabs.second, isOpen: false });
    for (let i = 0; i < 6; i++) (i % 2 === 0 ? first : second).add(`m${i}`);
    await settle();
    expect(first.outbox.items.value).toHaveLength(6);
    first.open.value = true;
    second.open.value = true;
    await settle();
    expect(server.texts).toHaveLength(6);
    expect(server.tries).toHaveLength(6);
    expect(first.outbox.items.value).toEqual([]);
    expect(second.outbox.items.value).toEqual([]);
    first.outbox[Symbol.dispose]();
    second.outbox[Symbol.dispose]();
  });

  it("says so when a message waits in memory alone", async () => {
    const { outbox, add, open, server, notices } = setUp();
    add("at once");
    await settle();
    expect(notices).toEqual([]);
    open.value = false;
    add("offline");
    expect(notices).toEqual([expect.stringContaining("Keep the tab open")]);
    open.value = true;
    await settle();
    server.failures = [new AppError("rate_limited", "Slow down", { retryAfterMs: 1_000 })];
    add("later");
    await settle();
    expect(notices).toHaveLength(2);
    const answer = Promise.withResolvers<void>();
    server.delay = answer.promise;
    add("on its way");
    await settle();
    expect(notices).toHaveLength(2);
    open.value = false;
    expect(notices).toHaveLength(3);
    answer.resolve();
    await settle();
    expect(server.texts).toEqual(["at once", "offline", "later", "on its way"]);
    outbox[Symbol.dispose]();
  });

  it("says nothing of what a storage keeps", async () => {
    const storage = Object.assign(new MemoryOutboxStorage(), { isDurable: true });
    const { outbox, add, server, open, notices } = setUp({ storage });
    server.failures = [new AppError("rate_limited", "Slow down", { retryAfterMs: 1_000 })];
    add("later");
    await settle();
    open.value = false;
    add("offline");
    await settle();
    expect(notices).toEqual([]);
    outbox[Symbol.dispose]();
  });

  it("sends although the storage fails or hangs, and says so once it fails", async () => {
    const broken: OutboxStorage = {
      isDurable: true,
      list: () => Promise.reject(new Error("gone")),
      put: () => Promise.reject(new Error("full")),
      remove: () => Promise.reject(new Error("gone")),
      close: () => {},
    };
    const failing = setUp({ storage: broken });
    failing.add("one");
    await settle();
    expect(failing.server.texts).toEqual(["one"]);
    expect(failing.notices).toHaveLength(1);
    failing.outbox[Symbol.dispose]();
    const hanging = setUp({ storage: { ...broken, put: () => new Promise(() => {}) } });
    hanging.add("two");
    await settle();
    expect(hanging.server.texts).toEqual(["two"]);
    hanging.outbox[Symbol.dispose]();
  });
});

/** Two tabs with one lock and one channel between them. */
function twoTabs(): { first: OutboxTabs; second: OutboxTabs } {
  let turn = Promise.resolve();
  const listeners = { first: new Set<() => void>(), second: new Set<() => void>() };
  const tab = (own: "first" | "second", other: "first" | "second"): OutboxTabs => ({
    exclusively: (work) => turn = turn.then(work),
    tell: () => queueMicrotask(() => listeners[other].forEach((listener) => listener())),
    onTold: (listener) => {
      listeners[own].add(listener);
      return () => listeners[own].delete(listener);
    },
  });
  return { first: tab("first", "second"), second: tab("second", "first") };
}
