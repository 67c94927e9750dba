import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { parseConfig } from "../../../server/config.ts";
import { createServices } from "../../../server/create_services.ts";
import { IN_MEMORY, openDatabase } from "../../../server/kv/open_database.ts";
import { Log } from "../../../server/log.ts";
import type { Services } from "../../../server/services.ts";
import type { RoomEvent } from "../../../shared/event.ts";
import type { RoomId, UserId } from "../../../shared/ids.ts";
import type { Message } from "../../../shared/message.ts";
import { Reader } from "../../support/chat_kit.ts";
import { FaultyDatabase } from "../../support/stream_kit.ts";
import type { Fault } from "../../support/stream_kit.ts";
import { waitFor } from "../../support/wait.ts";

interface Sender {
  readonly userId: UserId;
  readonly role: "member";
  readonly isBot: false;
}

/** One try to send: who, which of its messages, and whether a second tab sends the same at the same time. */
interface Send {
  readonly who: number;
  readonly id: number;
  readonly isTwice: boolean;
}

const PEOPLE_COUNT = 3;
const send = fc.record({ who: fc.nat(PEOPLE_COUNT - 1), id: fc.nat(9), isTwice: fc.boolean() });
const waves = fc.array(fc.array(send, { maxLength: 7 }), { maxLength: 5 });
const faults = fc.array(fc.constantFrom<Fault>("none", "none", "lost_after", "lost_before"), {
  maxLength: 30,
});

/** The stores on a database whose answers get lost by a script. */
class FaultyRoom implements AsyncDisposable {
  readonly services: Services;
  readonly roomId: RoomId;
  readonly people: readonly Sender[];
  readonly #close: () => Promise<void>;

  private constructor(
    parts: Pick<FaultyRoom, "services" | "roomId" | "people"> & { close: () => Promise<void> },
  ) {
    this.services = parts.services;
    this.roomId = parts.roomId;
    this.people = parts.people;
    this.#close = parts.close;
  }

  static async open(kind: "memory" | "file", script: Fault[]): Promise<FaultyRoom> {
    const folder = kind === "file" ? await Deno.makeTempDir({ prefix: "parley-test-" }) : null;
    const database = await openDatabase(folder ?? IN_MEMORY);
    let hasBegun = false;
    const db = new FaultyDatabase(database.db, () => hasBegun ? script.shift() ?? "none" : "none");
    const { services, close } = await createServices({
      config: parseConfig({ DATA_DIR: IN_MEMORY }),
      log: new Log({ level: "error", format: "text", write: () => {} }),
      database: { ...database, db },
      now: Date.now,
      publicUrl: () => "http://127.0.0.1",
    });
    const people: Sender[] = [];
    for (let index = 0; index < PEOPLE_COUNT; index++) {
      const { row, commit } = await services.users.prepare({ name: `Person ${index}`, role: "member" });
      await services.db.commit(commit);
      people.push({ userId: row.id, role: "member", isBot: false });
    }
    const [first] = people as [Sender];
    const { id: roomId } = await services.rooms.create({
      name: "Faults",
      kind: "public",
      topic: "",
      by: first.userId,
    });
    for (const { userId } of people.slice(1)) await services.rooms.members.join({ userId, roomId });
    hasBegun = true;
    return new FaultyRoom({
      services,
      roomId,
      people,
      async close() {
        await close();
        await database.close();
        if (folder !== null) await Deno.remove(folder, { recursive: true });
      },
    });
  }

  /** Follows the room from its first event on. */
  follow(actor: Sender): Reader<unknown> {
    const { messageEvents } = this.services;
    const lastEventId = messageEvents.positionAt(0);
    const { roomId } = this;
    return new Reader((signal) =>
      messageEvents.subscribe({ actor, roomId, lastEventId, connection: null, signal })
    );
  }

  /** Sends until there is an answer, as an outbox does. */
  async send({ who, id }: Send): Promise<Message> {
    const actor = this.people[who] as Sender;
    const { roomId } = this;
    const message = { roomId, clientMessageId: `m${id}`, text: `${who} says ${id}`, replyTo: null };
    for (let attempt = 0; attempt < 100; attempt++) {
      const sent = await this.services.messages.send(actor, message).catch(() => null);
      if (sent !== null) return sent;
    }
    throw new Error("A sender never got an answer");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

describe.each([["memory", 60], ["file", 15]] as const)("sending on %s", (kind, numRuns) => {
  it("POST14 stores and tells each message once and without gaps, whatever answers are lost", async () => {
    await fc.assert(
      fc.asyncProperty(waves, faults, async (planned, script) => {
        await using room = await FaultyRoom.open(kind, [...script]);
        const { services, roomId } = room;
        const reader = room.follow(room.people[0] as Sender);
        const before = await services.roomLog.head(roomId);
        const answers = new Map<string, number>();
        for (const wave of planned) {
          const tries = wave.flatMap((one) => one.isTwice ? [one, one] : [one]);
          await Promise.all(tries.map(async (one) => {
            const { offset, text, by } = await room.send(one);
            expect([text, by]).toEqual([`${one.who} says ${one.id}`, room.people[one.who]?.userId]);
            const name = `${one.who} m${one.id}`;
            expect(answers.get(name) ?? offset).toBe(offset);
            answers.set(name, offset);
          }));
        }
        const head = await services.roomLog.head(roomId);
        const offsets = [...answers.values()].toSorted((a, b) => a - b);
        expect(offsets).toEqual(offsets.map((_, index) => before.offset + 1 + index));
        expect(head.offset).toBe(before.offset + answers.size);
        const { messages } = await services.messageReader.page(roomId, head, { limit: 100 });
        expect(messages.map(({ offset }) => offset)).toEqual(offsets);
        const told = () => reader.items.map((item) => (item as [position: string, event: RoomEvent])[1]);
        await waitFor(() => told().at(-1)?.offset === head.offset);
        expect(told().map(({ offset }) => offset)).toEqual(
          Array.from({ length: head.offset }, (_, index) => index + 1),
        );
        await reader.stop();
      }),
      { numRuns, seed: 20260108, endOnFailure: true },
    );
  });
});
