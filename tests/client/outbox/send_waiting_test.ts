import { describe, expect, it } from "vitest";
import { MemoryOutboxStorage } from "../../../client/outbox/outbox_storage.ts";
import type { OutboxItem } from "../../../client/outbox/outbox_storage.ts";
import { sendWaiting } from "../../../client/outbox/send_waiting.ts";
import { AppError } from "../../../shared/errors.ts";
import type { UserId } from "../../../shared/ids.ts";
import { singleTab } from "../../support/single_tab.ts";
import { ANA, BEN, ROOM } from "../timeline/room_kit.ts";

function itemOf(text: string, order: number, userId: UserId = ANA): OutboxItem {
  const at = "2026-01-01T10:00:00.000Z";
  return {
    clientMessageId: `id-${text}`,
    userId,
    roomId: ROOM,
    text,
    replyTo: null,
    at,
    order,
    problem: null,
  };
}

/** Lets Ana's messages wait; `answer` is called with each that is sent. */
async function setUp(answer: (item: OutboxItem) => void = () => {}) {
  const storage = new MemoryOutboxStorage();
  for (const item of [itemOf("two", 2), itemOf("one", 1), itemOf("three", 3), itemOf("Ben's", 0, BEN)]) {
    await storage.put(item);
  }
  const sent: string[] = [];
  let signedIn: UserId | null = ANA;
  let toldCount = 0;
  const send = () =>
    sendWaiting({
      userId: ANA,
      whoIsSignedIn: () => Promise.resolve(signedIn),
      storage,
      tabs: { ...singleTab(), tell: () => void toldCount++ },
      send: (item) => {
        answer(item);
        sent.push(item.clientMessageId);
        return Promise.resolve();
      },
    });
  return { storage, sent, send, signIn: (userId: UserId) => signedIn = userId, told: () => toldCount };
}

describe("sendWaiting", () => {
  it("sends in the order in which they were written, with the ids of the tab, and only one's own", async () => {
    const { storage, sent, send, told } = await setUp();
    await send();
    expect(sent).toEqual(["id-one", "id-two", "id-three"]);
    expect(await storage.list(ANA)).toEqual([]);
    expect((await storage.list(BEN)).map(({ text }) => text)).toEqual(["Ben's"]);
    expect(told()).toBe(3);
  });

  it("keeps what the server refuses for a tab to show, and sends the rest", async () => {
    const { storage, sent, send } = await setUp(({ text }) => {
      if (text === "two") throw new AppError("room_archived", "This room is archived");
    });
    await send();
    expect(sent).toEqual(["id-one", "id-three"]);
    expect(await storage.list(ANA)).toEqual([
      { ...itemOf("two", 2), problem: "This room is archived, so nobody can write in it." },
    ]);
  });

  it("rejects without network, so that the browser tries again, and loses nothing", async () => {
    const { storage, sent, send } = await setUp(({ text }) => {
      if (text === "two") throw new TypeError("Failed to fetch");
    });
    await expect(send()).rejects.toThrow("Failed to fetch");
    expect(sent).toEqual(["id-one"]);
    expect(await storage.list(ANA)).toEqual([itemOf("two", 2), itemOf("three", 3)]);
  });

  it("sends nothing in the name of somebody who has signed in meanwhile", async () => {
    const kit = await setUp(() => kit.signIn(BEN));
    await kit.send();
    expect(kit.sent).toEqual(["id-one"]);
    expect(await kit.storage.list(ANA)).toEqual([itemOf("two", 2), itemOf("three", 3)]);
  });

  it("waits as long as a busy server asks, and not for minutes", async () => {
    const waits = [30, 120_000];
    const { sent, send } = await setUp(() => {
      const retryAfterMs = waits.shift();
      if (retryAfterMs !== undefined) {
        throw new AppError("rate_limited", "Too many requests", { retryAfterMs });
      }
    });
    await expect(send()).rejects.toThrow();
    expect(sent).toEqual([]);
    await send();
    expect(sent).toEqual(["id-one", "id-two", "id-three"]);
  });
});
