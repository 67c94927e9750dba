import { describe, expect, it } from "vitest";
import { keys } from "../../../server/kv/keys.ts";
import { REPLAY_MAX_COUNT } from "../../../shared/limits.ts";
import {
  bar,
  BOARD,
  BoardReader,
  NOTICE_ROUTER,
  noticeKeys,
  openBoard,
  putUp,
} from "../../support/notice_kit.ts";
import type { NoticeClient } from "../../support/notice_kit.ts";
import { testApp } from "../../support/test_app.ts";
import type { Person, TestApp } from "../../support/test_app.ts";
import type { Transport } from "../../support/test_clients.ts";
import { waitFor } from "../../support/wait.ts";

const TRANSPORTS: readonly Transport[] = ["ws", "sse"];

function clientOf(person: Person, transport: Transport): NoticeClient {
  return person.device.client(transport) as unknown as NoticeClient;
}

async function putUpMany(
  app: TestApp,
  log: ReturnType<typeof openBoard>,
  texts: readonly string[],
): Promise<void> {
  await Promise.all(texts.map((text) => log.append(BOARD, putUp(app.owner.id, text))));
}

function numbered(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => `notice ${from + index}`);
}

describe("a second kind of stream", () => {
  it("KIND1 appends with offsets of its own, to rows of its own", async () => {
    await using app = await testApp({ router: NOTICE_ROUTER });
    const log = openBoard(app.services);
    const { db, rooms, roomLog } = app.services;
    const general = await rooms.general() ?? "";
    const before = await roomLog.head(general as never);
    const texts = numbered(30);
    await putUpMany(app, log, texts);
    expect(await log.head(BOARD)).toMatchObject({ offset: 30, messageCount: 0 });
    const rows = await db.list(noticeKeys.rows(BOARD), { limit: 100 });
    expect(rows.map(({ key }) => key.at(-1))).toEqual(texts.map((_, index) => index + 1));
    expect(JSON.stringify(rows.map(({ value }) => value))).not.toContain("notice 1");
    expect(await db.list(keys.events(BOARD as never), { limit: 1 })).toEqual([]);
    expect((await db.get(keys.streamHead(BOARD as never))).value).toBe(null);
    expect(await roomLog.head(general as never)).toEqual(before);
  });

  for (const transport of TRANSPORTS) {
    it(`KIND2 is delivered live, and replayed from a position, over ${transport}`, async () => {
      await using app = await testApp({ router: NOTICE_ROUTER });
      const log = openBoard(app.services);
      const ben = await app.person("Ben");
      await putUpMany(app, log, ["before"]);
      const reader = new BoardReader(clientOf(ben, transport));
      await waitFor(() => reader.items.length === 1);
      expect(reader.items).toEqual([{ type: "snapshot", count: 1 }]);
      await putUpMany(app, log, ["one", "two"]);
      await waitFor(() => reader.texts.length === 2);
      expect(reader.items.slice(1)).toEqual([
        { offset: 2, at: expect.any(String), type: "put_up", text: "one" },
        { offset: 3, at: expect.any(String), type: "put_up", text: "two" },
      ]);
      reader.stop();
      const missed = numbered(150);
      await putUpMany(app, log, missed);
      const again = new BoardReader(clientOf(ben, transport), reader.position);
      await waitFor(() => again.texts.length === 150);
      await putUpMany(app, log, ["live again"]);
      await waitFor(() => again.texts.length === 151);
      expect(again.texts).toEqual([...missed, "live again"]);
      again.stop();
    });

    it(`KIND3 begins anew for who is too far behind, or was in another life, over ${transport}`, async () => {
      await using app = await testApp({ router: NOTICE_ROUTER });
      const log = openBoard(app.services);
      const ben = await app.person("Ben");
      const count = REPLAY_MAX_COUNT + 1;
      await putUpMany(app, log, numbered(count));
      const { epoch } = log;
      const readers = [`${epoch}.0`, "other.5", `${epoch}.${count + 1}`, `${epoch}.1`].map((position) =>
        new BoardReader(clientOf(ben, transport), position)
      );
      const [farBehind, stranger, ahead, justInTime] = readers as [
        BoardReader,
        BoardReader,
        BoardReader,
        BoardReader,
      ];
      await waitFor(() => justInTime.items.length === REPLAY_MAX_COUNT);
      await putUpMany(app, log, ["then"]);
      await waitFor(() => readers.every(({ texts }) => texts.at(-1) === "then"));
      for (const { items, position } of [farBehind, stranger, ahead]) {
        expect(items[0]).toEqual({ type: "snapshot", count });
        expect(items.length).toBe(2);
        expect(position).toBe(`${epoch}.${count + 1}`);
      }
      expect(justInTime.texts).toEqual([...numbered(count - 1, 2), "then"]);
      for (const reader of readers) reader.stop();
    });
  }

  it("KIND4 ends the subscriptions of who may not read it any more, and nobody else's", async () => {
    await using app = await testApp({ router: NOTICE_ROUTER });
    const log = openBoard(app.services);
    const [ben, cleo] = [await app.person("Ben"), await app.person("Cleo")];
    const [barred, other] = [new BoardReader(clientOf(ben, "ws")), new BoardReader(clientOf(cleo, "ws"))];
    await waitFor(() => barred.items.length === 1 && other.items.length === 1);
    await Promise.all([
      log.append(BOARD, putUp(app.owner.id, "for all")),
      log.append(BOARD, bar(app.owner.id, ben.id)),
      log.append(BOARD, putUp(app.owner.id, "for the others")),
    ]);
    await waitFor(() => other.items.length === 4);
    await waitFor(() => barred.errors.length === 1);
    expect(barred.items.map(({ type }) => type)).toEqual(["snapshot", "put_up", "barred"]);
    expect(barred.errors).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ appCode: "not_found" }) }),
    ]);
    expect(other.texts).toEqual(["for all", "for the others"]);
    other.stop();
  });

  it("KIND5 is opened once", async () => {
    await using app = await testApp();
    openBoard(app.services);
    expect(() => openBoard(app.services)).toThrow('Cannot open the log of "notice": it is open already');
  });
});
