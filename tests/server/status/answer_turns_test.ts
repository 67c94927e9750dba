import { describe, expect, it } from "vitest";
import { AnswerTurns } from "../../../server/status/answer_turns.ts";

/** Holds the event loop up, as making a long page does. */
function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
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
