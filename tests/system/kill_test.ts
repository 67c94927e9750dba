import { describe, expect, it } from "vitest";
import { Random } from "../chaos/random.ts";
import type { RoomId } from "../../shared/ids.ts";
import { seed } from "../support/seed.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import { pause, waitFor } from "../support/wait.ts";
import { CountingDevice, Reader, readStored, Writer } from "./kill_kit.ts";
import type { Attempt, StoredRoom } from "./kill_kit.ts";

const ROUND_COUNT = 20;
const WRITER_COUNT = 24;
/** Longest time from "everybody is back" to the kill. */
const ALIVE_MAX_MS = 1_200;
const TIMEOUT_MS = 90_000;

/** 0, 1, 2 … up to `count`. */
function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** What was acknowledged is stored once, and nothing else is stored. */
function checkStored(stored: StoredRoom, attempts: readonly Attempt[]): void {
  const { head, offsets, events, messages, dedupeCount } = stored;
  expect(offsets).toEqual(range(1, head.offset));
  expect(messages.size).toBe(attempts.length);
  expect(dedupeCount).toBe(attempts.length);
  expect(head.messageCount).toBe(attempts.length);
  expect(events.filter(({ type }) => type === "message_sent").length).toBe(attempts.length);
  const offsetOf = new Map<string, number>();
  const ordinals: number[] = [];
  for (const [offset, row] of messages) {
    offsetOf.set(`${row.by} ${row.clientMessageId}`, offset);
    ordinals.push(row.ordinal);
  }
  expect(ordinals).toEqual(range(1, attempts.length));
  for (const { by, clientMessageId, text, acknowledged } of attempts) {
    const offset = offsetOf.get(`${by} ${clientMessageId}`);
    expect(offset).toBe(acknowledged?.offset);
    expect(messages.get(offset ?? 0)?.text).toBe(text);
  }
}

/** It saw every offset once, in order, from where it began to the end. */
function checkReader(reader: Reader, stored: StoredRoom): void {
  expect(reader.errors).toEqual([]);
  const [first, ...rest] = reader.events;
  expect(first?.type).toBe("subscribed");
  expect(rest.map(({ offset }) => offset)).toEqual(range((first?.offset ?? 0) + 1, stored.head.offset));
  for (const event of rest) {
    if (event.type !== "message_sent") continue;
    expect(event.message.text).toBe(stored.messages.get(event.offset)?.text);
  }
}

/** Draws the same moments each time; what is under way then is never the same. */
const random = new Random(88);

describe("kill -9 of the server", () => {
  it("KILL1 loses and duplicates nothing in 20 rounds, and all clients recover", async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "parley-kill-" });
    const names = range(1, WRITER_COUNT + 3).map((number) => `Person ${number}`);
    const { people, roomIds } = await seed(dataDir, { names, rooms: ["Loud", "Louder"] });
    const port = freePort();
    const devices = people.map(({ token }, index) => {
      const device = new CountingDevice(`http://127.0.0.1:${port}`, `127.2.${Deno.pid % 256}.${index + 1}`);
      device.token = token;
      return device;
    });
    const deviceAt = (index: number) => devices[index] as CountingDevice;
    const [loud, louder] = roomIds as [RoomId, RoomId];

    let server = await startServerProcess({ dataDir, port });
    try {
      const readers = [
        new Reader(deviceAt(WRITER_COUNT), loud, "ws"),
        new Reader(deviceAt(WRITER_COUNT + 1), louder, "ws"),
        new Reader(deviceAt(WRITER_COUNT + 2), loud, "sse"),
      ];
      await waitFor(() => readers.every(({ offset }) => offset > 0), { what: "readers are there" });
      const writers = range(0, WRITER_COUNT - 1).map((index) => {
        const person = people[index];
        if (person === undefined) throw new Error("There are fewer people than writers");
        return new Writer(deviceAt(index), person.id, roomIds);
      });

      for (let round = 1; round <= ROUND_COUNT; round++) {
        const seen = readers.map(({ offset }) => offset);
        await waitFor(() => readers.every(({ offset }, index) => offset > (seen[index] ?? 0)), {
          what: `in round ${round} every reader goes on`,
        });
        await pause(random.between(0, ALIVE_MAX_MS));
        // In the middle of something, or the kill shows nothing.
        await waitFor(() => writers.some(({ isWaiting }) => isWaiting));
        await server.kill();
        server = await startServerProcess({ dataDir, port });
      }

      await Promise.all(writers.map((writer) => writer.stop()));
      const attempts = writers.flatMap((writer) => writer.attempts);
      const acknowledgedIn = (roomId: RoomId) => attempts.filter((attempt) => attempt.roomId === roomId);
      await waitFor(
        () =>
          readers.every((reader) =>
            acknowledgedIn(reader.roomId).every(({ acknowledged }) =>
              (acknowledged?.offset ?? 0) <= reader.offset
            )
          ),
        { what: "readers reach the end" },
      );
      for (const reader of readers) reader.stop();
      for (const device of devices) await device[Symbol.asyncDispose]();
      expect(await server.stop()).toBe(0);

      const rooms = await readStored(dataDir, roomIds);
      for (const [roomId, stored] of rooms) {
        checkStored(stored, acknowledgedIn(roomId));
        for (const reader of readers) if (reader.roomId === roomId) checkReader(reader, stored);
      }
      // Else nothing of this meant anything: kills came while people were sending.
      expect(attempts.length).toBeGreaterThan(ROUND_COUNT * WRITER_COUNT);
      expect(attempts.filter(({ cuts }) => cuts > 0).length).toBeGreaterThan(ROUND_COUNT / 2);
      for (const { openCount } of devices.slice(0, WRITER_COUNT + 2)) {
        expect(openCount).toBeGreaterThan(ROUND_COUNT);
      }
    } finally {
      await server.kill();
      await Deno.remove(dataDir, { recursive: true });
    }
  }, TIMEOUT_MS);
});
