import { describe, expect, it } from "vitest";
import type { UserId } from "../../../shared/ids.ts";
import { PresenceKit } from "../../support/presence_kit.ts";
import { RecordingConnection } from "../../support/recording_connection.ts";

const PEOPLE = 5_000;
const STEP_COUNT = 100;
const STEP_MS = 100;

/** Counts instead of keeping: 5,000 readers of 5,000 people would be gigabytes. */
class CountingConnection extends RecordingConnection {
  override writeFrames(): void {
    this.writeCount++;
  }
}

/** Counts the states that are turned into JSON while it is in force. */
class StateCounter {
  readonly #stringify = JSON.stringify;
  count = 0;

  constructor() {
    JSON.stringify = ((value: unknown, ...rest: []) => {
      const states = (value as { states?: unknown[] } | null)?.states;
      if (Array.isArray(states)) this.count += states.length;
      return this.#stringify(value, ...rest);
    }) as typeof JSON.stringify;
  }

  [Symbol.dispose](): void {
    JSON.stringify = this.#stringify;
  }
}

describe("presence of many", () => {
  it("PRS40 costs no quadratic work when 5,000 people come within 10 s, each of them reading", async () => {
    await using kit = await PresenceKit.open();
    const sockets: CountingConnection[] = [];
    using counter = new StateCounter();
    for (let step = 0; step < STEP_COUNT; step++) {
      for (let one = 0; one < PEOPLE / STEP_COUNT; one++) {
        const userId = `person${sockets.length}` as UserId;
        const connection = new CountingConnection();
        sockets.push(connection);
        kit.reader(userId, 1, connection);
        kit.say(connection, userId, "online");
      }
      await kit.advance(STEP_MS);
    }
    await kit.advance(2_000);

    const writes = sockets.reduce((sum, socket) => sum + socket.writeCount, 0);
    // Each of the first has seen a frame a batch; with a batch a second at most that is a few dozen, not 5,000.
    expect(sockets[0]?.writeCount).toBeLessThan(60);
    expect(writes).toBeLessThan(PEOPLE * 30);
    // Diffs hold each person once; the rest are the snapshots, one a batch for all who came since the last.
    expect(counter.count).toBeLessThan(PEOPLE * 20);

    // The guard of this test's meaning: all know of all.
    const last = kit.reader("one more" as UserId);
    await kit.advance(0);
    expect(last.picture().states.size).toBe(PEOPLE);
  });

  it("PRS41 tells of 5,000 who leave at once in one frame a reader", async () => {
    await using kit = await PresenceKit.open();
    const devices = Array.from({ length: PEOPLE }, (_, index) => kit.device(`person${index}` as UserId));
    const reader = kit.reader("ana" as UserId);
    await kit.advance(3_000);
    const countBefore = reader.updates().length;
    for (const device of devices) device.end();
    await kit.advance(8_000);
    expect(reader.picture().states.size).toBe(0);
    expect(reader.updates().length).toBe(countBefore + 1);
  });
});
