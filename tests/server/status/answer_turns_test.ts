import { setImmediate } from "node:timers";
import { describe, expect, it } from "vitest";
import { AnswerTurns } from "../../../server/status/answer_turns.ts";
import { LANGUAGES } from "../../../shared/status/language.ts";
import { RawClient } from "../../support/raw_client.ts";
import type { TestApp } from "../../support/test_app.ts";
import { NOW, troubledApp } from "./page_kit.ts";

/** Holds the event loop up, as making a long page does. */
function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

/** Asks for a path in all languages at once, and returns in which turns of the event loop the answers were made. */
async function turnsOf(app: TestApp, path: string): Promise<number[]> {
  const { board } = app.services.status;
  const clients = await Promise.all(
    LANGUAGES.map(() => RawClient.dial(app.port, app.device().address)),
  );
  const current = board.current.bind(board);
  const turns: number[] = [];
  let turn = 0;
  board.current = () => {
    turns.push(turn);
    setImmediate(() => turn++);
    work(10);
    return current();
  };
  for (const [index, client] of clients.entries()) {
    client.request([
      `GET ${path} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Accept: text/html",
      `Accept-Language: ${LANGUAGES[index]}`,
    ]);
  }
  for (const client of clients) {
    await client.answered();
    expect(client.status).toBe(200);
    await client[Symbol.asyncDispose]();
  }
  board.current = current;
  return turns;
}

describe("AnswerTurns", () => {
  it("makes answers in order, and lets others be served after each that takes long", async () => {
    const turns = new AnswerTurns();
    const order: string[] = [];
    setTimeout(() => order.push("other"));
    const answers = Array.from({ length: 10 }, (_, index) =>
      turns.run(() => {
        work(5);
        order.push(`answer ${index}`);
        return index;
      }));
    expect(await Promise.all(answers)).toEqual(answers.map((_, index) => index));
    expect(order.filter((one) => one !== "other")).toEqual(answers.map((_, index) => `answer ${index}`));
    expect(order.indexOf("other")).toBeGreaterThan(0);
    expect(order.indexOf("other")).toBeLessThan(order.length - 1);
  });

  it("goes on after an answer that fails", async () => {
    const turns = new AnswerTurns();
    const failing = turns.run(() => {
      throw new RangeError("No such page");
    });
    const next = turns.run(() => "next");
    await expect(failing).rejects.toThrow("No such page");
    expect(await next).toBe("next");
  });
});

describe("public answers that take long", () => {
  it("are made one in a turn of the event loop, whatever page is asked for", async () => {
    const clock = { now: NOW };
    await using app = await troubledApp(clock);
    // From here on, nothing changes that would be looked for.
    await (await app.device().fetch(`${app.url}/status/badge.svg`)).body?.cancel();
    for (const path of ["/status", "/status/history", `/status/incidents/${app.incidentId}`]) {
      const turns = await turnsOf(app, path);
      expect([path, turns.length, new Set(turns).size]).toEqual([path, LANGUAGES.length, LANGUAGES.length]);
    }
  });
});
