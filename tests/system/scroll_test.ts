import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DOM_ROWS_MAX_COUNT } from "../../shared/limits.ts";
import type { RoomId } from "../../shared/ids.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { seed, seedMessages } from "../support/seed.ts";
import type { Seeded, SeededPerson } from "../support/seed.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { Device } from "../support/test_clients.ts";
import { openScreen } from "./people_kit.ts";
import { distanceToEnd, placesInSight, scrollTo } from "./scroll_kit.ts";
import { eventually, hides, shows } from "./screen.ts";
import type { Screen } from "./screen.ts";

const MESSAGE_COUNT = 5_000;

let browser: TestBrowser;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let seeded: Seeded;
let server: ServerProcess;
let roomId: RoomId;

beforeAll(async () => {
  folder = await temporaryFolder();
  seeded = await seed(folder.path, { names: ["Bo"], rooms: ["Harbour"] });
  roomId = seeded.roomIds[0] as RoomId;
  await seedMessages(folder.path, seeded, { roomId, count: MESSAGE_COUNT });
  [server, browser] = await Promise.all([startServerProcess({ dataDir: folder.path }), openBrowser()]);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Ana in the room, and Bo, who sends by a program. */
async function enter(
  place = "",
): Promise<{ ana: Screen; say: (text: string) => Promise<void> } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const url = `${server.url}/r/${roomId}${place}`;
  const ana = opened.use(await openScreen(browser, { url, cookie: seeded.owner.session }));
  const device = opened.use(new Device(server.url, `127.4.${Deno.pid % 256}.1`));
  device.token = (seeded.people[0] as SeededPerson).token;
  const client = device.client("http");
  await ana.seesRoom("Harbour");
  const parts = opened.move();
  return {
    ana,
    say: async (text) => {
      await client.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

describe(`a room of ${MESSAGE_COUNT} messages`, () => {
  it("opens at its end and follows new messages", async () => {
    await using room = await enter();
    const { ana, say } = room;
    await ana.sees(`Line ${MESSAGE_COUNT}`);
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    expect(await ana.log.getByRole("article").count()).toBeLessThanOrEqual(100);
    for (const text of ["One more", "And\nof\nmany\nlines", "Last one"]) {
      await say(text);
      await ana.sees(text.split("\n").at(-1) ?? "");
      await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    }
    await hides(ana.button("Jump to latest"));
  });

  it("stays at its end when rows shrink and grow before the browser reports it", async () => {
    await using room = await enter();
    const { ana, say } = room;
    await ana.sees(`Line ${MESSAGE_COUNT}`);
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await ana.log.evaluate((log) => {
      const rows = log.querySelector<HTMLElement>(".log-rows");
      const [first, last] = [rows?.firstElementChild, rows?.lastElementChild] as HTMLElement[];
      if (rows === null || first === undefined || last === undefined) throw new Error("No rows are here");
      const { promise, resolve } = Promise.withResolvers<void>();
      let callCount = 0;
      // Called after the keeper's own observer, which came first: the event of its scrolling is still to come.
      const observer = new ResizeObserver(() => {
        callCount++;
        if (callCount === 1) setTimeout(() => first.style.display = "none");
        if (callCount !== 2) return;
        setTimeout(() => {
          last.style.paddingBottom = "300px";
          resolve();
        });
      });
      observer.observe(rows);
      return promise;
    });
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await say("At the end");
    await ana.sees("At the end");
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await hides(ana.button("Jump to latest"));
  });

  it("does not move by a pixel while older pages load, and keeps few rows", async () => {
    await using room = await enter();
    const { ana } = room;
    await ana.sees(`Line ${MESSAGE_COUNT}`);
    // By the wheel first, as a person would.
    await ana.log.hover();
    await ana.page.mouse.wheel(0, -300);
    await eventually(() => distanceToEnd(ana)).toBe(300);
    await shows(ana.button("Jump to latest"));
    let oldest = Infinity;
    for (const toPx of [600, 400, 100, 0, 700, 1, 0, 300]) {
      const shift = await scrollTo(ana, { toPx, edge: "older" });
      expect(shift.movedPx).toBe(0);
      expect(shift.rowCount).toBeLessThanOrEqual(DOM_ROWS_MAX_COUNT);
      expect(shift.oldest).toBeLessThan(oldest);
      oldest = shift.oldest;
    }
    // So much was read that the end had to be dropped; on the way back down it is fetched again.
    let newest = 0;
    for (const toPx of [700, 300, 0]) {
      const shift = await scrollTo(ana, { toPx, edge: "newer" });
      expect(shift.movedPx).toBe(0);
      expect(shift.rowCount).toBeLessThanOrEqual(DOM_ROWS_MAX_COUNT);
      expect(shift.newest).toBeGreaterThan(newest);
      newest = shift.newest;
    }
    await ana.button("Jump to latest").click();
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await hides(ana.button("Jump to latest"));
  });

  it("keeps the reading position while messages arrive, and counts them", async () => {
    await using room = await enter();
    const { ana, say } = room;
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await scrollTo(ana, { toPx: 400, edge: "older" });
    await shows(ana.button("Jump to latest"));
    const before = await placesInSight(ana);
    expect(before.length).toBeGreaterThan(5);
    await say("Meanwhile");
    await shows(ana.button("1 new message"));
    await say("Meanwhile too");
    await shows(ana.button("2 new messages"));
    expect(await placesInSight(ana)).toEqual(before);
    await ana.button("2 new messages").click();
    await ana.sees("Meanwhile too");
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
    await hides(ana.page.getByRole("button", { name: /new message/ }));
  });

  it("opens around a linked message, and loads in both directions", async () => {
    // The first two events of the room are that its people joined.
    const offset = await offsetOf("Line 2500");
    await using room = await enter(`/${offset}`);
    const { ana, say } = room;
    await ana.sees("Line 2500");
    const row = ana.message("Line 2500");
    await eventually(() => row.getAttribute("class")).toContain("is-highlighted");
    const older = await scrollTo(ana, { toPx: 200, edge: "older" });
    const newer = await scrollTo(ana, { toPx: 200, edge: "newer" });
    expect([older.movedPx, newer.movedPx]).toEqual([0, 0]);
    const texts = await ana.texts();
    const numbers = texts.map((text) => Number(text.replace("Line ", "")));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(numbers).toContain(2500);
    const before = await placesInSight(ana);
    await say("Far below");
    await shows(ana.button("1 new message"));
    expect(await placesInSight(ana)).toEqual(before);
    await ana.button("1 new message").click();
    await ana.sees("Far below");
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
  });

  it("does not move by a pixel while the start of the room loads", async () => {
    await using room = await enter(`/${await offsetOf("Line 60", 60)}`);
    const { ana } = room;
    await ana.sees("Line 60");
    const shift = await scrollTo(ana, { toPx: 300, edge: "older" });
    await ana.log.getByRole("heading", { name: "This is the start of Harbour" }).waitFor();
    // The start is no whole number of pixels high, and the browser scrolls by whole ones.
    expect(Math.abs(shift.movedPx)).toBeLessThan(1);
  });
});

/** Finds a message as a program would. */
async function offsetOf(text: string, around = MESSAGE_COUNT / 2): Promise<number> {
  await using device = new Device(server.url, `127.4.${Deno.pid % 256}.2`);
  device.token = seeded.owner.token;
  const { messages } = await device.client("http").messages.list.query({ roomId, around });
  return messages.find((message) => message.text === text)?.offset ?? 0;
}
