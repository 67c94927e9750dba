import { describe, expect, it } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import { PresenceKit } from "../../support/presence_kit.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";

const PEOPLE = 5_000;
const STEP_COUNT = 100;
const STEP_MS = 100;
/** An id of 16 characters, its quotes and comma are 19 bytes. */
const BYTES_PER_PERSON = 25;

/** Counts instead of keeping: 5,000 readers of 5,000 people would be gigabytes. */
class CountingConnection extends RecordingConnection {
  byteCount = 0;
  last: Uint8Array | null = null;

  override writeFrames(frames: Uint8Array): void {
    this.writeCount++;
    this.byteCount += frames.length;
    this.last = frames;
  }
}

/** Counts the people that are turned into JSON while it is in force. */
class PeopleCounter {
  readonly #stringify = JSON.stringify;
  count = 0;

  constructor() {
    JSON.stringify = ((value: unknown, ...rest: []) => {
      const { states, online, away } = (value ?? {}) as Record<string, unknown[] | undefined>;
      for (const people of [states, online, away]) if (Array.isArray(people)) this.count += people.length;
      return this.#stringify(value, ...rest);
    }) as typeof JSON.stringify;
  }

  [Symbol.dispose](): void {
    JSON.stringify = this.#stringify;
  }
}

function idOf(index: number): UserId {
  return `p${String(index).padStart(15, "0")}` as UserId;
}

describe("presence of many", () => {
  it("PRS40 costs no quadratic work when 5,000 people come within 10 s, each of them reading", async () => {
    await using kit = await PresenceKit.open();
    const sockets: CountingConnection[] = [];
    using counter = new PeopleCounter();
    for (let step = 0; step < STEP_COUNT; step++) {
      for (let one = 0; one < PEOPLE / STEP_COUNT; one++) {
        const userId = idOf(sockets.length);
        const connection = new CountingConnection();
        sockets.push(connection);
        kit.reader(userId, 1, connection);
        kit.say(connection, userId, "online");
      }
      await kit.advance(STEP_MS);
    }
    await kit.advance(4_000);

    const writes = sockets.reduce((sum, socket) => sum + socket.writeCount, 0);
    const bytes = sockets.reduce((sum, socket) => sum + socket.byteCount, 0);
    // Each of the first has seen a frame a batch; batches grow with the storm.
    expect(sockets[0]?.writeCount).toBeLessThan(30);
    expect(writes).toBeLessThan(PEOPLE * 12);
    // Told of every single one with its whole state, each would get 97 bytes a person.
    expect(bytes / PEOPLE / PEOPLE).toBeLessThan(2 * BYTES_PER_PERSON);
    // Diffs hold each person once; the rest are the snapshots, one a batch for all who came since the last.
    expect(counter.count).toBeLessThan(PEOPLE * 10);

    // The guard of this test's meaning: all know of all.
    const last = kit.reader("one more" as UserId);
    await kit.advance(0);
    expect(last.picture().states.size).toBe(PEOPLE);
  });

  it("PRS42 gives all who come to the same picture the same bytes, 19 a person", async () => {
    await using kit = await PresenceKit.open();
    for (let index = 0; index < PEOPLE; index++) kit.device(idOf(index));
    await kit.advance(4_000);
    using counter = new PeopleCounter();
    const sockets = Array.from({ length: 100 }, () => new CountingConnection());
    for (const [index, socket] of sockets.entries()) kit.reader(idOf(index), 1, socket);
    await kit.advance(0);
    expect(counter.count).toBe(PEOPLE);
    expect(new Set(sockets.map((socket) => socket.last)).size).toBe(1);
    expect(sockets[0]?.byteCount).toBeLessThan(BYTES_PER_PERSON * PEOPLE);
  });

  it("PRS41 tells of 5,000 who leave at once in one frame a reader", async () => {
    await using kit = await PresenceKit.open();
    const devices = Array.from({ length: PEOPLE }, (_, index) => kit.device(idOf(index)));
    const reader = kit.reader("ana" as UserId);
    await kit.advance(4_000);
    const countBefore = reader.updates().length;
    for (const device of devices) device.end();
    await kit.advance(9_000);
    expect(reader.picture().states.size).toBe(0);
    expect(reader.updates().length).toBe(countBefore + 1);
  });
});
