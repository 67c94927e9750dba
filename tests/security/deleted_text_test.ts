import { describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import { hasDenokv } from "../support/denokv.ts";
import type { Client } from "../support/test_clients.ts";
import { testApp } from "../support/test_app.ts";
import type { Person } from "../support/test_app.ts";
import { twoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const hasTwo = await hasDenokv();
const DELETED = "pelican seventeen";
const OVERWRITTEN = "lighthouse keeper";
const KEPT = "the quay is open";

/** A position before the changes, and the number of events since then. */
interface Written {
  readonly roomId: RoomId;
  readonly before: string;
  readonly head: number;
}

/** Sends, replies to, reacts to, edits and deletes messages, so that the texts have been everywhere they can be. */
async function write(owner: Person, other: Client): Promise<Written> {
  const { messages, rooms } = owner.api;
  const [room] = await rooms.list.query();
  const roomId = room?.id as RoomId;
  const { position: before } = await messages.list.query({ roomId });
  const say = (text: string) => messages.send.mutate({ roomId, clientMessageId: crypto.randomUUID(), text });
  const gone = await say(`${DELETED} @Ben`);
  const changed = await say(OVERWRITTEN);
  for (const { offset } of [gone, changed]) {
    await other.messages.send.mutate({
      roomId,
      clientMessageId: `to-${offset}`,
      text: KEPT,
      replyTo: offset,
    });
    await other.messages.react.mutate({ roomId, offset, emoji: "👍", on: true });
  }
  await messages.edit.mutate({ roomId, offset: changed.offset, text: KEPT });
  await messages.delete.mutate({ roomId, offset: gone.offset });
  const [{ head } = { head: 0 }] = await rooms.list.query();
  return { roomId, before, head };
}

/** Everything that any procedure tells a person about a room, as text. */
async function everythingTold(
  client: Client,
  live: Client,
  { roomId, before, head }: Written,
): Promise<string> {
  const told: unknown[] = [
    await client.messages.list.query({ roomId }),
    await client.messages.list.query({ roomId, around: head }),
    await client.messages.since.query({ roomId, position: before }),
    await client.rooms.list.query(),
    await client.rooms.get.query({ roomId }),
  ];
  let last = 0;
  const room = live.messages.onEvent.subscribe({ roomId, lastEventId: before }, {
    onData: (event) => {
      told.push(event);
      last = event.data.offset;
    },
  });
  let hasRooms = false;
  const rooms = live.rooms.onChange.subscribe({}, {
    onData: (change) => {
      told.push(change);
      hasRooms = true;
    },
  });
  await waitFor(() => last === head && hasRooms);
  room.unsubscribe();
  rooms.unsubscribe();
  return JSON.stringify(told);
}

function expectGone(told: string): void {
  expect(told).toContain(KEPT);
  expect(told).not.toContain(DELETED);
  expect(told).not.toContain(OVERWRITTEN);
}

describe("deleted or edited text", () => {
  it("T05 is in no list, quote, resumed stream or poll, before a restart and after it", async () => {
    await using app = await testApp({ file: true });
    const ben = await app.person("Ben");
    const written = await write(app.owner, ben.api);
    for (const transport of ["ws", "sse"] as const) {
      expectGone(await everythingTold(ben.api, app.clientFor(ben, transport), written));
    }
    await app.restart();
    expectGone(await everythingTold(ben.api, app.clientFor(ben, "ws"), written));
    expect(app.logs.join("\n")).not.toMatch(new RegExp(`${DELETED}|${OVERWRITTEN}`));
  });

  it.skipIf(!hasTwo)("T05 is not sent by another instance either", async () => {
    await using pair = await twoInstances();
    const ben = await pair.app.person("Ben");
    const written = await write(pair.app.owner, ben.api);
    expectGone(await everythingTold(pair.client("b", ben, "http"), pair.client("b", ben, "ws"), written));
  });
});
