import { describe, expect, it } from "vitest";
import { FairQueue } from "../../../server/auth/fair_queue.ts";
import type { Subjects } from "../../../server/auth/fair_queue.ts";

/** Runs one item at a time and records the order; `open` lets the first one finish, and so all others. */
function setUp(waitingCount: number) {
  const queue = new FairQueue({ runningCount: 1, waitingCount, refusal: () => new Error("full") });
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const works = [queue.run(["gate"], () => gate.promise)];
  const add = (name: string, ...wider: string[]) => {
    const subjects: Subjects = [name.slice(0, 1), ...wider];
    works.push(queue.run(subjects, () => Promise.resolve(void done.push(name))));
  };
  const finish = async () => {
    gate.resolve();
    const results = await Promise.allSettled(works);
    return { done, refusedCount: results.filter(({ status }) => status === "rejected").length };
  };
  return { queue, works, done, add, finish };
}

describe("FairQueue", () => {
  it("gives each subject its turn, in order of arrival among equals", async () => {
    const { add, finish } = setUp(20);
    for (const name of ["a1", "a2", "a3", "b1", "b2", "c1"]) add(name);
    expect(await finish()).toEqual({ done: ["a1", "b1", "c1", "a2", "b2", "a3"], refusedCount: 0 });
  });

  it("drops the latest turn when full, and refunds its subject", async () => {
    const { add, finish } = setUp(4);
    for (const name of ["a1", "a2", "a3", "a4", "a5", "b1", "c1", "d1", "e1"]) add(name);
    // a5 is too late, and a4, a3 and a2 are dropped. Then all four have one turn, and e1 finds no later one to
    // replace.
    expect(await finish()).toEqual({ done: ["a1", "b1", "c1", "d1"], refusedCount: 5 });
  });

  it("doubles the share with each wider subject", async () => {
    const { add, finish } = setUp(40);
    // Sixteen /64 of one /48 compete with one single address.
    for (let index = 0; index < 16; index++) add(String.fromCharCode(65 + index), "wide", "wider");
    for (let index = 1; index <= 4; index++) add(`z${index}`);
    const { done } = await finish();
    const before = done.indexOf("z4");
    expect(done.slice(0, before).filter((name) => !name.startsWith("z")).length).toBeLessThanOrEqual(9);
  });

  it("lets nobody wait forever behind later arrivals", async () => {
    const { add, finish, queue } = setUp(40);
    add("a1");
    add("a2");
    let laterCount = 0;
    const follow = (): Promise<void> => {
      if (laterCount >= 200) return Promise.resolve();
      laterCount++;
      return queue.run([`new ${laterCount}`], () => Promise.resolve()).then(follow);
    };
    const flood = Promise.all([follow(), follow(), follow()]);
    const waited: number[] = [];
    const patient = queue.run(["a"], () => Promise.resolve(void waited.push(laterCount)));
    const { done } = await finish();
    await Promise.all([flood, patient]);
    expect(done).toEqual(["a1", "a2"]);
    expect(waited[0]).toBeLessThan(30);
  });

  it("does not count work that was done while nobody waited", async () => {
    const quiet = new FairQueue({ runningCount: 1, waitingCount: 20, refusal: () => new Error("full") });
    const done: string[] = [];
    for (let count = 0; count < 60; count++) await quiet.run(["office"], () => Promise.resolve());
    const gate = Promise.withResolvers<void>();
    const works = [quiet.run(["gate"], () => gate.promise)];
    for (const name of ["a", "b", "c", "a", "b", "c", "office"]) {
      works.push(quiet.run([name], () => Promise.resolve(void done.push(name))));
    }
    gate.resolve();
    await Promise.all(works);
    expect(done.indexOf("office")).toBeLessThan(4);
  });

  it("serves suspects last, except for every fourth item, and drops them first", async () => {
    const { finish, queue, works, done } = setUp(10);
    const add = (name: string, isSuspect: boolean) => {
      works.push(queue.run([name], () => Promise.resolve(void done.push(name)), isSuspect));
    };
    for (let index = 1; index <= 10; index++) add(`s${index}`, true);
    for (let index = 1; index <= 8; index++) add(`n${index}`, false);
    const { refusedCount } = await finish();
    expect(done).toEqual(["n1", "n2", "n3", "s1", "n4", "n5", "n6", "s2", "n7", "n8"]);
    expect([refusedCount, queue.refusedCount]).toEqual([8, 8]);
  });

  it("continues after failed work, and forgets subjects that are gone", async () => {
    const queue = new FairQueue({ runningCount: 2, waitingCount: 2, refusal: () => new Error("full") });
    for (let index = 0; index < 5_000; index++) {
      const work = queue.run([`one ${index}`], () => Promise.reject(new Error("no")));
      await expect(work).rejects.toThrow("no");
    }
    expect(await queue.run(["last"], () => Promise.resolve("done"))).toBe("done");
    expect(queue.waitingCount).toBe(0);
  });
});
