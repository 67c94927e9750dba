import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import { FOLLOWED_ROWS_MAX_COUNT, SEND_RATE_ROOM } from "../../shared/limits.ts";
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";
import { builtClient } from "../support/built_client.ts";
import { openTabMeter } from "../support/tab_memory.ts";
import type { Person, TestApp } from "../support/test_app.ts";
import { chatApp, seat } from "./people_kit.ts";
import { distanceToEnd } from "./scroll_kit.ts";
import { eventually } from "./screen.ts";
import type { Screen } from "./screen.ts";

let browser: TestBrowser;

beforeAll(async () => {
  await builtClient();
  browser = await openBrowser();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** Lets a person say so much as fast as a room takes it, past the limits of one person. */
async function flood(app: TestApp, by: Person, { roomId, count }: { roomId: RoomId; count: number }) {
  const { messages } = app.services;
  for (let said = 0; said < count; said += SEND_RATE_ROOM.perSecond / 4) {
    const sends = Array.from(
      { length: Math.min(SEND_RATE_ROOM.perSecond / 4, count - said) },
      (_, index) =>
        messages.send({ userId: by.id, role: by.me.role, isBot: false }, {
          roomId,
          clientMessageId: crypto.randomUUID(),
          text: `Said **${said + index}**`,
          replyTo: null,
        }),
    );
    await Promise.all(sends);
  }
}

/** Ana in the first room, where Bo talks. */
async function enter(): Promise<
  { ana: Screen; say: (count: number, last: string) => Promise<void> } & AsyncDisposable
> {
  await using opened = new AsyncDisposableStack();
  const app = opened.use(await chatApp());
  const bo = await app.person("Bo");
  const roomId = (await bo.api.rooms.list.query())[0]?.id as RoomId;
  const ana = opened.use(await seat(browser, { app, person: app.owner }));
  await ana.seesRoom("General");
  const parts = opened.move();
  return {
    ana,
    say: async (count, last) => {
      await flood(app, bo, { roomId, count });
      await bo.api.messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text: last });
      await ana.sees(last);
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

describe("a tab that stays open", () => {
  it("releases the memory of past messages", async () => {
    await using room = await enter();
    const { ana, say } = room;
    const meter = await openTabMeter(ana.page);
    // Rows are removed in a frame after the one that draws the last message.
    const countRows = () =>
      ana.log.evaluate(async (log) => {
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        const read = () => log.querySelectorAll(".log-rows > *").length;
        for (let counted = -1;;) {
          const now = read();
          if (now === counted) return now;
          counted = now;
          await frame();
          await frame();
        }
      });
    // Many rows are removed at once: what is compared is a tab that has as many as it ever does.
    const sayUntilFull = async (count: number) => {
      await say(count, "And on");
      const freeCount = FOLLOWED_ROWS_MAX_COUNT - await countRows();
      if (freeCount > 0) await say(freeCount - 1, "The rows are full");
      expect(await countRows()).toBe(FOLLOWED_ROWS_MAX_COUNT);
    };
    await sayUntilFull(FOLLOWED_ROWS_MAX_COUNT * 4);
    const before = await meter.memory();
    const count = 600;
    await sayUntilFull(count);
    const after = await meter.memory();
    // Before, 36 KiB, 20 nodes and 11 listeners each.
    expect((after.heapMb - before.heapMb) * 1_000 / count).toBeLessThan(3);
    expect((after.nodeCount - before.nodeCount) / count).toBeLessThan(1);
    expect((after.listenerCount - before.listenerCount) / count).toBeLessThan(0.5);
    await eventually(() => distanceToEnd(ana)).toBeLessThan(1);
  });

  it("renders once for events of one frame", async () => {
    await using room = await enter();
    const { ana, say } = room;
    await say(20, "Before the storm");
    const counting = await ana.log.evaluateHandle((log) => {
      const rows = log.querySelector(".log-rows");
      const counts = { changes: 0, frames: 0 };
      // Called once for all that one drawing changes.
      const observer = new MutationObserver(() => counts.changes++);
      if (rows !== null) observer.observe(rows, { childList: true });
      const nextFrame = () => {
        counts.frames++;
        requestAnimationFrame(nextFrame);
      };
      nextFrame();
      return counts;
    });
    const count = 200;
    await say(count, "After the storm");
    const { changes, frames } = await counting.jsonValue();
    expect(changes).toBeLessThanOrEqual(frames + 1);
    // A storm of half a second has no more than some dozens of frames.
    expect(changes).toBeLessThan(count / 2);
    // Older ones are removed while the end is followed.
    const shownCount = FOLLOWED_ROWS_MAX_COUNT / 2;
    const said = Array.from({ length: count }, (_, index) => `Said ${index}`);
    const texts = await ana.texts();
    expect(texts.slice(-shownCount)).toEqual([...said, "After the storm"].slice(-shownCount));
  });

  it("answers keys between the parts of a storm that a slow machine draws", async () => {
    await using room = await enter();
    const { ana, say } = room;
    await say(20, "Before the storm");
    const watching = await ana.page.evaluateHandle(() => {
      const parts: number[] = [];
      const rows = document.querySelector(".log-rows");
      const observer = new MutationObserver((changes) =>
        parts.push(changes.reduce((sum, { addedNodes }) => sum + addedNodes.length, 0))
      );
      if (rows !== null) observer.observe(rows, { childList: true });
      return parts;
    });
    const meter = await openTabMeter(ana.page);
    await meter.slowDown(6);
    const count = 400;
    const storm = say(count, "After the storm");
    const words = "Still here, and still typing";
    await ana.page.getByRole("textbox", { name: "Message General" }).pressSequentially(words);
    await storm;
    await meter.slowDown(1);
    const parts = await watching.jsonValue();
    // The longest wait for a key is one part: an eighth of what waits, or what fits.
    expect(Math.max(...parts)).toBeLessThanOrEqual(count / 8 + 16);
    const texts = await ana.texts();
    expect(texts.at(-1)).toBe("After the storm");
    const shown = texts.slice(0, -1).flatMap((text) => /Said (\d+)/.exec(text)?.[1] ?? []).map(Number);
    const last = Array.from({ length: FOLLOWED_ROWS_MAX_COUNT / 2 }, (_, index) => count - 1 - index)
      .reverse();
    expect(shown.slice(-last.length)).toEqual(last);
    expect(await ana.page.getByRole("textbox", { name: "Message General" }).inputValue()).toBe(words);
  });
});
