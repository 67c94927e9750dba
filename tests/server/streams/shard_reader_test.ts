import { describe, expect, it, vi } from "vitest";
import type { RoomId } from "../../../shared/ids.ts";
import { KvDatabase } from "../../../server/kv/kv_database.ts";
import { keys } from "../../../server/kv/keys.ts";
import { Log } from "../../../server/log.ts";
import { ShardReader } from "../../../server/streams/shard_reader.ts";

const EPOCH = "first";
const SHARD = "0";
const KEEP_MS = 60_000;
const MARK_EVERY_MS = 5_000;
const HOUR_MS = 3_600_000;

/** One shard of a feed, and clocks that the test turns. */
class Shard implements AsyncDisposable {
  readonly db: KvDatabase;
  readonly lost: string[] = [];
  elapsedMs = 1_000;
  nowMs = Date.now();

  constructor(kv: Deno.Kv) {
    this.db = new KvDatabase(kv);
  }

  /** Lets time pass, for both clocks. */
  pass(ms: number): void {
    this.elapsedMs += ms;
    this.nowMs += ms;
  }

  async write(count = 1): Promise<void> {
    const pointer = { roomId: "room" as RoomId, from: 1, to: 1, messageCount: 1 };
    for (let index = 0; index < count; index++) {
      await this.db.commit({ stamped: [[keys.feedShard(EPOCH, SHARD), { from: "a", pointer }]] });
    }
  }

  async count(): Promise<number> {
    return (await this.db.list(keys.feedShard(EPOCH, SHARD), { limit: 10_000 })).length;
  }

  async reader(name: string): Promise<ShardReader> {
    const reader = new ShardReader({
      db: this.db,
      epoch: EPOCH,
      shard: SHARD,
      log: new Log({ level: "error", format: "text" }),
      onRow: () => {},
      onBehind: () => void this.lost.push(name),
      now: () => this.nowMs,
      elapsed: () => this.elapsedMs,
    });
    await reader.start();
    return reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.close();
  }
}

async function openShard(): Promise<Shard> {
  return new Shard(await Deno.openKv(":memory:"));
}

describe("a reader of one shard", () => {
  it("FEED10 deletes rows a while after it has read them, and no other ones", async () => {
    await using shard = await openShard();
    const reader = await shard.reader("a");
    await shard.write(2);
    await reader.look();
    await reader.collect(KEEP_MS);
    await shard.write();
    shard.pass(KEEP_MS - 1);
    await reader.collect(KEEP_MS);
    expect(await shard.count()).toBe(3);
    shard.pass(1);
    await reader.collect(KEEP_MS);
    // The third was never read here.
    expect(await shard.count()).toBe(1);
    expect((await shard.db.get(keys.feedFloor(EPOCH, SHARD))).value).not.toBeNull();
  });

  it("FEED11 deletes nothing early because its clock differs from the writer's", async () => {
    await using shard = await openShard();
    const reader = await shard.reader("a");
    for (const aheadMs of [HOUR_MS, -2 * HOUR_MS]) {
      shard.nowMs += aheadMs;
      await shard.write();
      await reader.look();
      await reader.collect(KEEP_MS);
      shard.pass(1_500);
      await reader.collect(KEEP_MS);
    }
    expect(await shard.count()).toBe(2);
  });

  it("FEED12 deletes all that is old, however much it is", async () => {
    await using shard = await openShard();
    const reader = await shard.reader("a");
    await shard.write(1_100);
    await reader.look();
    shard.pass(MARK_EVERY_MS);
    await reader.look();
    shard.pass(KEEP_MS);
    await reader.collect(KEEP_MS);
    expect(await shard.count()).toBe(0);
  });

  it("FEED14 notices that rows are gone after its process stood still in the middle of a look", async () => {
    await using shard = await openShard();
    const [collector, sleeper] = [await shard.reader("collector"), await shard.reader("sleeper")];
    await shard.write();
    const list = shard.db.list.bind(shard.db);
    // The answer is on its way when the process is stopped, and other instances go on.
    const stop = vi.spyOn(shard.db, "list").mockImplementationOnce(async (...asked) => {
      const rows = await list(...asked);
      await shard.write();
      await collector.look();
      await collector.collect(KEEP_MS);
      shard.pass(KEEP_MS);
      await collector.collect(KEEP_MS);
      return rows as never;
    });
    await sleeper.look();
    stop.mockRestore();
    await sleeper.look();
    expect(shard.lost).toEqual(["sleeper"]);
  });

  // Either clock tells: the monotonic one of a stopped process, the wall clock of a machine that slept.
  for (const [what, sleep] of [["process", "elapsedMs"], ["machine", "nowMs"]] as const) {
    it(`FEED13 notices that rows are gone after its ${what} stood still`, async () => {
      await using shard = await openShard();
      const [collector, sleeper] = [await shard.reader("collector"), await shard.reader("sleeper")];
      await shard.write();
      await collector.look();
      await collector.collect(KEEP_MS);
      // Time goes on for the collector alone.
      const { elapsedMs, nowMs } = shard;
      shard.pass(KEEP_MS);
      await collector.collect(KEEP_MS);
      Object.assign(shard, { elapsedMs, nowMs, [sleep]: shard[sleep] });
      await sleeper.look();
      expect(shard.lost).toEqual(["sleeper"]);
    });
  }

  it("FEED18 misses no look that is asked for while another one ends", async () => {
    await using shard = await openShard();
    const reader = await shard.reader("a");
    const list = shard.db.list.bind(shard.db);
    for (let turns = 0; turns < 12; turns++) {
      const answered = Promise.withResolvers<void>();
      const late = vi.spyOn(shard.db, "list").mockImplementationOnce(async (...asked) => {
        const rows = await list(...asked);
        await answered.promise;
        return rows as never;
      });
      const first = reader.look();
      await vi.waitFor(() => expect(late).toHaveBeenCalled());
      await shard.write();
      answered.resolve();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([first, reader.look()]);
      late.mockRestore();
      expect([turns, await reader.look()]).toEqual([turns, 0]);
    }
  });
});
