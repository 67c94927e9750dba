import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { UserId } from "../../../shared/ids.ts";
import { AppError } from "../../../shared/errors.ts";
import { keys } from "../../../server/kv/keys.ts";
import type { RoomTypes } from "../../../server/rooms/room_stream.ts";
import type { Appended } from "../../../server/streams/event_log.ts";
import {
  ANA,
  BEN,
  FaultyDatabase,
  logOn,
  openTestDatabase,
  ROOM,
  sendRequest,
} from "../../support/stream_kit.ts";
import type { Fault } from "../../support/stream_kit.ts";

function offsetOf(appended: Appended<RoomTypes>): number {
  return appended.isDuplicate ? appended.offset : appended.event.offset;
}

/** Every store keeps the same promises. */
describe.each([["memory"], ["file"]] as const)("event log on %s", (kind) => {
  it("MSG1 gives offsets 1, 2, 3 … without gaps to concurrent appends", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog, published } = logOn(db);
    const ids = Array.from({ length: 250 }, (_, index) => `m${index}`);
    const appended = await Promise.all(ids.map((id) => eventLog.append(ROOM, sendRequest(ANA, id))));
    expect(appended.map(offsetOf).toSorted((a, b) => a - b)).toEqual(ids.map((_, index) => index + 1));
    expect(published.map((event) => event.offset)).toEqual(ids.map((_, index) => index + 1));
    expect(await eventLog.head(ROOM)).toMatchObject({ offset: 250, messageCount: 250 });
  });

  it("MSG2 keeps the order in which one caller appends", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog } = logOn(db);
    const ids = Array.from({ length: 120 }, (_, index) => `m${index}`);
    const appended = await Promise.all(ids.map((id) => eventLog.append(ROOM, sendRequest(ANA, id))));
    expect(appended.map(offsetOf)).toEqual(ids.map((_, index) => index + 1));
  });

  it("MSG3 appends once for a dedupe key, also to another log after a restart, and apart by user", async () => {
    await using db = await openTestDatabase(kind);
    const first = await logOn(db).eventLog.append(ROOM, sendRequest(ANA, "same"));
    const again = await logOn(db).eventLog.append(ROOM, sendRequest(ANA, "same"));
    const other = await logOn(db).eventLog.append(ROOM, sendRequest(BEN, "same"));
    expect([first.isDuplicate, again.isDuplicate, other.isDuplicate]).toEqual([false, true, false]);
    expect([first, again, other].map(offsetOf)).toEqual([1, 1, 2]);
  });

  it("MSG4 serves two logs on one stream: conflicts are retried, nothing is lost or doubled", async () => {
    await using db = await openTestDatabase(kind);
    const logs = [logOn(db).eventLog, logOn(db).eventLog];
    const work = Array.from({ length: 60 }, (_, index) => {
      const log = logs[index % 2] as (typeof logs)[number];
      return log.append(ROOM, sendRequest(index % 2 === 0 ? ANA : BEN, `m${index}`));
    });
    const offsets = (await Promise.all(work)).map(offsetOf).toSorted((a, b) => a - b);
    expect(offsets).toEqual(work.map((_, index) => index + 1));
  });

  it("MSG5 runs requests with one target one after the other, each on what the last one wrote", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog } = logOn(db);
    await eventLog.append(ROOM, sendRequest(ANA, "counter"));
    const key = keys.statusText(ANA);
    await Promise.all(Array.from({ length: 40 }, () =>
      eventLog.append(ROOM, {
        by: ANA,
        targets: ["message:1"],
        build: async () => {
          const row = await db.get<number>(key);
          return {
            body: { type: "member_joined", userId: ANA, role: "member" },
            checks: [{ key, versionstamp: row.versionstamp }],
            sets: [[key, (row.value ?? 0) + 1]],
          };
        },
      })));
    expect((await db.get<number>(key)).value).toBe(40);
    expect(await eventLog.head(ROOM)).toMatchObject({ offset: 41, messageCount: 1 });
  });

  it("MSG6 fails only the request whose build throws, and gives its place to the next", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog } = logOn(db);
    const refuse = () => {
      throw new AppError("room_archived", "The room is archived");
    };
    const results = await Promise.allSettled([
      eventLog.append(ROOM, sendRequest(ANA, "a")),
      eventLog.append(ROOM, { by: ANA, build: refuse }),
      eventLog.append(ROOM, sendRequest(ANA, "b")),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await eventLog.read(ROOM, 0, 10)).rows.map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it("MSG6 appends nothing if build returns null, and gives its place to the next", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog, published } = logOn(db);
    const [, nothing, next] = await Promise.all([
      eventLog.append(ROOM, sendRequest(ANA, "a")),
      eventLog.append(ROOM, { by: ANA, build: () => null }),
      eventLog.append(ROOM, sendRequest(ANA, "b")),
    ]);
    expect([nothing, offsetOf(next)]).toEqual([null, 2]);
    expect(await eventLog.append(ROOM, { by: ANA, build: () => Promise.resolve(null) })).toBeNull();
    expect(published.map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it("MSG7 holds no text in the rows of the log", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog } = logOn(db);
    await eventLog.append(ROOM, sendRequest(ANA, "secret-text"));
    const rows = [...await db.list(keys.events(ROOM), { limit: 10 }), await db.get(keys.streamHead(ROOM))];
    expect(JSON.stringify(rows.map((row) => row.value))).not.toContain("secret-text");
  });

  it("MSG8 splits what is too large for one commit", async () => {
    await using db = await openTestDatabase(kind);
    const { eventLog } = logOn(db);
    const texts = Array.from({ length: 60 }, (_, index) => `${index}-${"x".repeat(16_000)}`);
    const appended = await Promise.all(texts.map((text) =>
      eventLog.append(ROOM, {
        ...sendRequest(ANA, text),
        dedupeKey: keys.dedupe(ROOM, ANA, text.slice(0, 5)),
      })
    ));
    expect(appended.map(offsetOf)).toEqual(texts.map((_, index) => index + 1));
  });
});

const fault = fc.constantFrom<Fault>("none", "none", "none", "lost_after", "lost_before");
const send = fc.record({ user: fc.constantFrom<UserId>(ANA, BEN), id: fc.integer({ min: 0, max: 12 }) });

describe("event log under faults", () => {
  it("MSG9 stores each message once and publishes each offset once, whatever answers are lost", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(send, { maxLength: 8 }), { maxLength: 6 }),
        fc.array(fault),
        async (waves, faults) => {
          await using inner = await openTestDatabase("memory");
          const script = [...faults];
          const { eventLog, published } = logOn(new FaultyDatabase(inner, () => script.shift() ?? "none"));
          const acknowledged = new Map<string, number>();
          for (const wave of waves) {
            await Promise.all(wave.map(async ({ user, id }) => {
              // A sender retries until it has an answer, as the outbox does.
              for (let attempt = 0; attempt < 100; attempt++) {
                const answer = await eventLog.append(ROOM, sendRequest(user, `m${id}`)).catch(() => null);
                if (answer === null) continue;
                const known = acknowledged.get(`${user} ${id}`);
                expect(known ?? offsetOf(answer)).toBe(offsetOf(answer));
                acknowledged.set(`${user} ${id}`, offsetOf(answer));
                return;
              }
              throw new Error("A sender never got an answer");
            }));
          }
          const { rows, head } = await logOn(inner).eventLog.read(ROOM, 0, 1_000);
          const gapFree = Array.from({ length: acknowledged.size }, (_, index) => index + 1);
          expect(rows.map(({ offset }) => offset)).toEqual(gapFree);
          expect([...acknowledged.values()].toSorted((a, b) => a - b)).toEqual(gapFree);
          expect(head.messageCount).toBe(acknowledged.size);
          expect(published.map((event) => event.offset)).toEqual(gapFree);
        },
      ),
      { numRuns: 150, seed: 20260101, endOnFailure: true },
    );
  });

  it("MSG10 says storage_full at once, and goes on when there is room again", async () => {
    await using inner = await openTestDatabase("memory");
    let isFull = true;
    const db = new FaultyDatabase(inner, () => {
      if (isFull) throw new AppError("storage_full", "Storage is full");
      return "none";
    });
    const { eventLog } = logOn(db);
    await expect(eventLog.append(ROOM, sendRequest(ANA, "a"))).rejects.toMatchObject({
      appCode: "storage_full",
    });
    isFull = false;
    expect(offsetOf(await eventLog.append(ROOM, sendRequest(ANA, "a")))).toBe(1);
  });
});
