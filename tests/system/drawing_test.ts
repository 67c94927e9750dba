import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { countCalls } from "../support/call_count.ts";
import type { Person } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import { shows } from "./screen.ts";

const ROOM_COUNT = 40;
const ROW_COUNT = 200;

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

describe("a message", () => {
  it("renders only its own row and its room's line, however many there are", async () => {
    await using app = await chatApp();
    const bo = await app.person("Bo");
    const { messages, rooms } = app.services;
    const say = (by: Person, roomId: RoomId, text: string) =>
      messages.send({ userId: by.id, role: by.me.role, isBot: false }, {
        roomId,
        clientMessageId: crypto.randomUUID(),
        text,
        replyTo: null,
      });
    const general = (await bo.api.rooms.list.query())[0]?.id as RoomId;
    const others: RoomId[] = [];
    for (let index = 0; index < ROOM_COUNT; index++) {
      const { id } = await rooms.create({
        name: `Room ${index}`,
        kind: "public",
        topic: "",
        by: app.owner.id,
      });
      await rooms.members.join({ userId: bo.id, roomId: id });
      others.push(id);
    }
    await using ana = await seat(browser, { app, person: app.owner }, { path: `/r/${general}` });
    await ana.seesRoom("General");
    for (let index = 0; index < ROW_COUNT; index++) await say(bo, general, `Line ${index}`);
    await ana.sees(`Line ${ROW_COUNT - 1}`);

    const messageCount = 20;
    const callsFor = async (sayNext: (index: number) => Promise<void>) => {
      const calls = await countCalls(ana.page, async () => {
        for (let index = 0; index < messageCount; index++) await sayNext(index);
      });
      return calls / messageCount;
    };
    const here = await callsFor(async (index) => {
      await say(bo, general, `Counted ${index}`);
      await ana.sees(`Counted ${index}`);
    });
    const elsewhere = await callsFor(async (index) => {
      await say(bo, others[index] as RoomId, `Counted ${index}`);
      await shows(ana.sidebar.getByText("1 unread").nth(index));
    });
    // 12,000 here; 71,000 when all rows are drawn anew.
    expect(here).toBeLessThan(25_000);
    // 5,000 there; 100,000 when all rows and lines are drawn anew.
    expect(elsewhere).toBeLessThan(15_000);
  });
});
