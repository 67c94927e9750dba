import { describe, expect, it } from "vitest";
import { CommitQueue, FILE_COMMITS, REMOTE_COMMITS } from "../../../server/kv/commit_queue.ts";
import type { CommitPart } from "../../../server/kv/commit_parts.ts";
import type { Commit } from "../../../server/kv/database.ts";
import { RecordingDatabase } from "../../support/many_streams.ts";
import { openTestDatabase } from "../../support/stream_kit.ts";

const KIB = 1024;

function partOf(commit: Commit, sizeBytes = 100): CommitPart {
  return { commit, sizeBytes, keyBytes: 100, isAlone: false };
}

function partsOf(count: number, sizeBytes?: number): CommitPart[] {
  return Array.from({ length: count }, (_, index) => {
    const key = ["row", index];
    return partOf({ checks: [{ key, versionstamp: null }], sets: [[key, index]] }, sizeBytes);
  });
}

describe("commit queue", () => {
  it("writes parts that are ready together in one commit, and gives each its versionstamp", async () => {
    await using inner = await openTestDatabase("file");
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, FILE_COMMITS);
    const stamps = await Promise.all(partsOf(40).map((part) => queue.commit(part)));
    expect(db.commits.length).toBe(1);
    expect(new Set(stamps)).toEqual(new Set([(await inner.get(["row", 39])).versionstamp]));
  });

  it("splits by checks, by size and by mutations", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, { ...FILE_COMMITS, maxPartCount: 1_000 });
    const stamps = await Promise.all(partsOf(250).map((part) => queue.commit(part)));
    expect(stamps).not.toContain(null);
    expect(db.commits.map(({ commit }) => commit.checks?.length)).toEqual([100, 100, 50]);

    db.commits.length = 0;
    await Promise.all(
      partsOf(10, 150 * KIB).map(({ commit, ...part }) =>
        queue.commit({ ...part, commit: { sets: commit.sets ?? [] } })
      ),
    );
    expect(db.commits.map(({ commit }) => commit.sets?.length)).toEqual([2, 2, 2, 2, 2]);

    db.commits.length = 0;
    await Promise.all(Array.from({ length: 3 }, (_, part) =>
      queue.commit(partOf({
        sets: Array.from({ length: 390 }, (_, row) => [["many", part, row], row] as const),
      }))));
    expect(db.commits.map(({ commit }) => commit.sets?.length)).toEqual([780, 390]);
  });

  it("fails the part whose check does not hold, and writes the others together", async () => {
    await using inner = await openTestDatabase("file");
    await inner.commit({ sets: [[["row", 7], "taken"]] });
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, FILE_COMMITS);
    const stamps = await Promise.all(partsOf(20).map((part) => queue.commit(part)));
    expect(stamps.map((stamp) => stamp === null)).toEqual(stamps.map((_, index) => index === 7));
    expect(db.commits.map(({ isHeld }) => isHeld)).toEqual([false, true]);
    expect((await inner.get(["row", 7])).value).toBe("taken");
  });

  it("fails the part that storage refuses to read, and writes the others", async () => {
    await using inner = await openTestDatabase("file");
    const queue = new CommitQueue(inner, FILE_COMMITS);
    const parts = [...partsOf(5), partOf({ sets: [[["large"], "x".repeat(70 * KIB)]] })];
    const results = await Promise.allSettled(parts.map((part) => queue.commit(part)));
    expect(results.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 5 }, () => "fulfilled"),
      "rejected",
    ]);
    expect((await inner.get(["row", 4])).value).toBe(4);
  });

  it("separates parts if one writes what the other checks", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, FILE_COMMITS);
    const claim = (by: string) =>
      queue.commit(partOf({ checks: [{ key: ["name"], versionstamp: null }], sets: [[["name"], by]] }));
    const stamps = await Promise.all([claim("ana"), claim("ben")]);
    expect(stamps.map((stamp) => stamp === null)).toEqual([false, true]);
    expect((await inner.get(["name"])).value).toBe("ana");
  });

  it("writes retried parts alone", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, FILE_COMMITS);
    await Promise.all(partsOf(6).map((part, index) => queue.commit({ ...part, isAlone: index === 2 })));
    expect(db.commits.map(({ commit }) => commit.sets?.length).toSorted()).toEqual([1, 5]);
  });

  it("lets accounts take turns, so that one with many streams delays no other", async () => {
    await using db = await openTestDatabase("memory");
    const queue = new CommitQueue(db, { ...FILE_COMMITS, maxPartCount: 4 });
    const order: string[] = [];
    const turn = (account: string) => queue.turn(() => [account]).then(() => void order.push(account));
    await Promise.all([...Array.from({ length: 40 }, () => turn("loud")), turn("ana"), turn("ben")]);
    expect(order.slice(0, 4).toSorted()).toEqual(["ana", "ben", "loud", "loud"]);
  });

  it("lets a lone turn go in its own event-loop turn, and those that met wait for others", async () => {
    await using db = await openTestDatabase("memory");
    const queue = new CommitQueue(db, FILE_COMMITS);
    const order: string[] = [];
    const turn = (name: string) => queue.turn(() => [name]).then(() => void order.push(name));
    const nextEventLoopTurn = () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      setImmediate(() => resolve(void order.push("next event-loop turn")));
      return promise;
    };
    await Promise.all([nextEventLoopTurn(), turn("lone")]);
    expect(order.splice(0)).toEqual(["lone", "next event-loop turn"]);
    await Promise.all([nextEventLoopTurn(), turn("ana"), turn("ben")]);
    expect(order.splice(0)).toEqual(["next event-loop turn", "ana", "ben"]);
    // Whoever comes soon afterwards may meet others as well.
    await Promise.all([nextEventLoopTurn(), turn("cleo")]);
    expect(order).toEqual(["next event-loop turn", "cleo"]);
  });

  it("puts what several streams append at once into one commit, also when storage was idle", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, FILE_COMMITS);
    const write = async (part: CommitPart) => {
      await queue.turn(() => ["ana"]);
      return await queue.commit(part);
    };
    const stamps = await Promise.all(partsOf(20).map(write));
    expect(stamps).not.toContain(null);
    expect(db.commits.map(({ commit }) => commit.sets?.length)).toEqual([20]);
  });

  it("writes one part per commit if there are other instances", async () => {
    await using inner = await openTestDatabase("memory");
    const db = new RecordingDatabase(inner);
    const queue = new CommitQueue(db, REMOTE_COMMITS);
    await Promise.all(partsOf(12).map((part) => queue.commit(part)));
    expect(db.commits.map(({ commit }) => commit.sets?.length)).toEqual(Array.from({ length: 12 }, () => 1));
  });
});
