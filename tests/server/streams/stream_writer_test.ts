import { describe, expect, it } from "vitest";
import { CommitQueue, REMOTE_COMMITS } from "../../../server/kv/commit_queue.ts";
import type { Commit, Database } from "../../../server/kv/database.ts";
import type { StreamPointer } from "../../../server/kv/pointer_rows.ts";
import { EventLog } from "../../../server/streams/event_log.ts";
import type { Feed, Notice } from "../../../server/streams/feed.ts";
import { ANA, BEN, openTestDatabase, ROOM, roomsOn, sendRequest } from "../../support/stream_kit.ts";
import { waitFor } from "../../support/wait.ts";

/** A feed between instances whose rows the test carries by hand. */
class HandFeed implements Feed {
  readonly isShared = true;
  relay = () => Promise.resolve();
  readonly rows: StreamPointer[] = [];
  readonly published: number[] = [];

  publish(notice: Notice): void {
    if (notice.type === "committed") this.published.push(...notice.events.map(({ offset }) => offset));
  }

  commit(db: Database, commit: Commit): Promise<string | null> {
    return db.commit(commit);
  }

  rowsFor(pointer: StreamPointer) {
    this.rows.push(pointer);
    return { sets: [], stamped: [] };
  }

  subscribe(): () => void {
    return () => {};
  }
}

/** An instance, and the versionstamps of its commits; null for those that met a conflict. */
function instanceOn(db: Database) {
  const stamps: (string | null)[] = [];
  const counting: Database = {
    get: (key) => db.get(key),
    getMany: (keys) => db.getMany(keys),
    list: (prefix, options) => db.list(prefix, options),
    commit: async (commit) => {
      const stamp = await db.commit(commit);
      stamps.push(stamp);
      return stamp;
    },
    close: () => db.close(),
  };
  const feed = new HandFeed();
  const eventLog = new EventLog({
    db: counting,
    commits: new CommitQueue(counting, REMOTE_COMMITS),
    feed,
    epoch: "first",
    kind: roomsOn(db),
  });
  return { feed, eventLog, stamps };
}

describe("the writer of a stream that another instance writes to as well", () => {
  it("MSG11 wins after one conflict, however far behind the feed is", async () => {
    await using db = await openTestDatabase("memory");
    const [a, b] = [instanceOn(db), instanceOn(db)];
    await b.eventLog.append(ROOM, sendRequest(BEN, "first"));
    for (let index = 0; index < 30; index++) await a.eventLog.append(ROOM, sendRequest(ANA, `${index}`));
    b.stamps.length = 0;
    const appended = b.eventLog.append(ROOM, sendRequest(BEN, "second"));
    await waitFor(() => b.stamps.length > 0);
    // Row by row, as a reader of the feed does it.
    for (const [index, pointer] of a.feed.rows.entries()) {
      await b.eventLog.observe(pointer, a.stamps[index] as string, false);
    }
    expect(await appended).toMatchObject({ isDuplicate: false, event: { offset: 32 } });
    // The own row comes by last, for the case that nothing of the room was heard of before.
    await b.eventLog.observe(b.feed.rows.at(-1) as StreamPointer, b.stamps.at(-1) as string, true);
    expect(b.stamps.filter((stamp) => stamp === null).length).toBe(1);
    expect(b.feed.published).toEqual(Array.from({ length: 31 }, (_, index) => index + 2));
  });
});
