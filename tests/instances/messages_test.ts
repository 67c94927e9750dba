import { describe, expect, it } from "vitest";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { hasDenokv } from "../support/denokv.ts";
import type { Client } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();

/** Follows a room by a stock subscription. */
class Follower {
  readonly events: (RoomEvent | StreamControl)[] = [];
  readonly errors: unknown[] = [];
  readonly stop: () => void;

  constructor(client: Client, roomId: RoomId, lastEventId?: string) {
    const input = { roomId, ...(lastEventId === undefined ? {} : { lastEventId }) };
    const subscription = client.messages.onEvent.subscribe(input, {
      onData: ({ data }) => void this.events.push(data),
      onError: (error) => void this.errors.push(error),
    });
    this.stop = () => subscription.unsubscribe();
  }

  /** Offsets of all but what tells where it began. */
  get offsets(): number[] {
    return this.events.filter(({ type }) => type !== "subscribed").map(({ offset }) => offset);
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe.skipIf(!isPossible)("messages on two instances", () => {
  it("INST1 one shows immediately what the other has acknowledged", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const [onA, onB] = [pair.client("a", owner, "http"), pair.client("b", owner, "http")];
    const [room] = await onB.rooms.list.query();
    const roomId = room?.id as RoomId;
    for (let index = 0; index < 10; index++) {
      const [from, to] = index % 2 === 0 ? [onA, onB] : [onB, onA];
      const sent = await from.messages.send.mutate({
        roomId,
        clientMessageId: `m${index}`,
        text: `${index}`,
      });
      const page = await to.messages.list.query({ roomId, limit: 1 });
      expect(page.messages).toEqual([sent]);
      // A position of one instance is never in the future of the other.
      const { position } = await from.messages.list.query({ roomId, limit: 1 });
      const since = await to.messages.since.query({ roomId, position });
      expect(since).toEqual({ events: [], position, resync: false });
    }
    const again = await onB.messages.send.mutate({ roomId, clientMessageId: "m0", text: "again" });
    expect(again.text).toBe("0");
  });

  it("INST2 both have the same log while both write to one room", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const ben = await pair.app.person("Ben");
    const roomId = (await owner.api.rooms.list.query())[0]?.id as RoomId;
    const before = (await owner.api.messages.list.query({ roomId })).position;
    const followers = [
      new Follower(pair.client("a", ben, "ws"), roomId, before),
      new Follower(pair.client("b", owner, "ws"), roomId, before),
      new Follower(pair.client("b", ben, "sse"), roomId, before),
    ];
    const [onA, onB] = [pair.client("a", owner, "http"), pair.client("b", ben, "http")];
    for (let index = 0; index < 12; index++) {
      await Promise.all([
        onA.messages.send.mutate({ roomId, clientMessageId: `a${index}`, text: `a${index}` }),
        onB.messages.send.mutate({ roomId, clientMessageId: `b${index}`, text: `b${index}` }),
      ]);
    }
    await waitFor(() => followers.every(({ events }) => events.length === 24));
    const first = Number(before.split(".")[1]) + 1;
    for (const { offsets, errors, events } of followers) {
      expect(errors).toEqual([]);
      expect(offsets).toEqual(range(first, first + 23));
      expect(events).toEqual(followers[0]?.events);
    }
    for (const follower of followers) follower.stop();
  });

  for (const transport of ["ws", "sse"] as const) {
    it(`INST3 resumes over ${transport} on the other instance from the same position`, async () => {
      await using pair = await twoInstances();
      const { owner } = pair.app;
      const roomId = (await owner.api.rooms.list.query())[0]?.id as RoomId;
      const client = pair.alternating(owner, transport);
      const follower = new Follower(client, roomId);
      await waitFor(() => follower.events.length === 1);
      const start = follower.events[0]?.offset ?? 0;
      let sentCount = 0;
      const send = async (count: number) => {
        for (let index = 0; index < count; index++) {
          sentCount++;
          const message = { roomId, clientMessageId: `m${sentCount}`, text: `${sentCount}` };
          await pair.client(index % 2 === 0 ? "a" : "b", owner, "http").messages.send.mutate(message);
        }
      };
      for (let round = 0; round < 4; round++) {
        await send(2);
        await waitFor(() => follower.offsets.length === sentCount);
        for (const services of [pair.app.services, pair.b.services]) {
          for (const connection of services.connections.all()) connection.terminate();
          for (const stream of services.connections.streams()) stream.end();
        }
        await send(1);
        await waitFor(() => follower.offsets.length === sentCount);
      }
      expect(follower.offsets).toEqual(range(start + 1, start + sentCount));
      expect(follower.events.some(({ type }) => type === "resync_required")).toBe(false);
      follower.stop();
    });
  }

  it("INST4 alternating long polls miss nothing", async () => {
    await using pair = await twoInstances();
    const { owner } = pair.app;
    const roomId = (await owner.api.rooms.list.query())[0]?.id as RoomId;
    const client = pair.alternating(owner, "http");
    let { position } = await client.messages.list.query({ roomId });
    const start = Number(position.split(".")[1]);
    const offsets: number[] = [];
    for (let index = 0; index < 8; index++) {
      const waiting = client.messages.since.query({ roomId, position, waitMs: 5_000 });
      await client.messages.send.mutate({ roomId, clientMessageId: `m${index}`, text: "x" });
      const answer = await waiting;
      expect(answer.resync).toBe(false);
      offsets.push(...answer.events.map(({ offset }) => offset));
      position = answer.position;
    }
    expect(offsets).toEqual(range(start + 1, start + 8));
  });
});
