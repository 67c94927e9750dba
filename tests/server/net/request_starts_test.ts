import { describe, expect, it } from "vitest";
import { RequestStarts } from "../../../server/net/request_starts.ts";

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
