import { setImmediate } from "node:timers";
import { describe, expect, it } from "vitest";
import { RequestStarts } from "../../../server/net/request_starts.ts";
import { RawClient } from "../../support/raw_client.ts";
import { testApp } from "../../support/test_app.ts";

describe("RequestStarts", () => {
  it("begins a few requests in a turn of the event loop, and takes turns among those who ask", async () => {
    const starts = new RequestStarts();
    const begun: string[] = [];
    const begin = (subject: string, number: number) => {
      const turn = starts.turn(subject);
      const note = () => {
        begun.push(`${subject} ${number}`);
        // As answering does.
        for (const until = performance.now() + 1; performance.now() < until;);
      };
      return turn === null ? note() : turn.then(note);
    };
    const all = Array.from({ length: 100 }, (_, index) => begin("many", index));
    const atOnceCount = begun.length;
    expect(atOnceCount).toBeGreaterThan(0);
    expect(atOnceCount).toBeLessThan(20);
    let otherCount = 0;
    setTimeout(() => otherCount = begun.length);
    const few = [begin("few", 0), begin("few", 1)];
    await Promise.all([...all, ...few]);
    expect(begun.filter((one) => one.startsWith("many"))).toEqual(all.map((_, index) => `many ${index}`));
    // Not behind the ninety others.
    expect(begun.indexOf("few 1")).toBeLessThan(atOnceCount + 5);
    // Something else of this process was not held up by all of them.
    expect(otherCount).toBeGreaterThan(0);
    expect(otherCount).toBeLessThan(begun.length);
  });

  it("lets a request begin at once when there are few", async () => {
    const starts = new RequestStarts();
    expect(starts.turn("one")).toBeNull();
    expect(starts.turn("another")).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let count = 0; count < 3; count++) expect(starts.turn("one")).toBeNull();
  });
});

describe("requests to the server", () => {
  it("begin a few in a turn of the event loop, however many arrive at once", async () => {
    await using app = await testApp();
    const clients = await Promise.all(
      Array.from({ length: 60 }, () => RawClient.dial(app.port, app.device().address)),
    );
    // Each request passes this before anything that waits.
    const { limits } = app.services;
    const take = limits.take.bind(limits);
    const turns: number[] = [];
    let turn = 0;
    let isOver = false;
    const next = () => {
      turn++;
      if (!isOver) setImmediate(next);
    };
    limits.take = (...parts) => {
      turns.push(turn);
      return take(...parts);
    };
    setImmediate(next);
    for (const client of clients) client.request(["GET /status/badge.svg HTTP/1.1", "Host: 127.0.0.1"]);
    for (const client of clients) {
      await client.answered();
      expect(client.status).toBe(200);
      await client[Symbol.asyncDispose]();
    }
    isOver = true;
    expect(turns.length).toBe(clients.length);
    const counts = Map.groupBy(turns, (one) => one).values().map(({ length }) => length);
    expect(Math.max(...counts)).toBeLessThan(20);
  });
});
