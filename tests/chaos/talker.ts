import type { RoomId } from "../../shared/ids.ts";
import { pause } from "../support/wait.ts";
import type { SeededPerson } from "../support/seed.ts";
import type { Client } from "../support/test_clients.ts";
import { call } from "./caller.ts";
import type { Outcome, Question } from "./caller.ts";
import type { History, InstanceName, OperationName } from "./history.ts";
import type { Random } from "./random.ts";
import { RoamingDevice } from "./roaming_device.ts";
import type { Door } from "./roaming_device.ts";

const LIST_COUNT = 20;
const EMOJI = ["👍", "🎉", "👀"];
const OWN_KEPT_COUNT = 40;
/** What a talker does instead of sending, and how often in a thousand turns. */
const TURNS: readonly [OperationName | "again", number][] = [
  ["again", 40],
  ["edit", 40],
  ["delete", 10],
  ["react", 40],
  ["mark", 40],
  ["list", 60],
];

/** Who talks where. */
export interface TalkerOptions {
  readonly person: SeededPerson;
  readonly rooms: readonly RoomId[];
  readonly doors: readonly Door[];
  readonly address: string;
  readonly transport: "ws" | "http";
  readonly first: number;
  readonly history: History;
  readonly random: Random;
  /** Mean time between two turns. */
  readonly paceMs: number;
}

interface Sent {
  readonly roomId: RoomId;
  readonly clientMessageId: string;
  readonly text: string;
  readonly offset: number;
}

/** A person who sends one message after the other, each until it is acknowledged, and changes and reads in between. */
export class Talker {
  readonly name: string;
  readonly #options: TalkerOptions;
  readonly #device: RoamingDevice;
  readonly #api: Client;
  /** Straight ways to each instance, wherever the device is. */
  readonly #straight: readonly { readonly device: RoamingDevice; readonly api: Client }[];
  readonly #own: Sent[] = [];
  #sentCount = 0;
  #burstCount = 0;
  #isStopping = false;
  #isGivenUp = false;
  #done: Promise<void> = Promise.resolve();

  constructor(options: TalkerOptions) {
    const { person, doors, address, transport, first } = options;
    this.#options = options;
    this.name = `${person.name} (${transport})`;
    const token = person.token ?? "";
    this.#device = new RoamingDevice(doors, { address, token, first });
    this.#api = this.#device.client(transport);
    this.#straight = doors.map((door) => {
      const device = new RoamingDevice([door], { address, token });
      return { device, api: device.client("http") };
    });
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Resolves when everything that was begun is acknowledged; false when that took longer than `withinMs`. */
  async stop(withinMs: number): Promise<boolean> {
    this.#isStopping = true;
    const timer = setTimeout(() => this.#isGivenUp = true, withinMs);
    await this.#done;
    clearTimeout(timer);
    return !this.#isGivenUp;
  }

  async close(): Promise<void> {
    await this.#device[Symbol.asyncDispose]();
    for (const { device } of this.#straight) await device[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    const { random, paceMs } = this.#options;
    while (!this.#isStopping) {
      await pause(-Math.log(1 - random.next()) * paceMs);
      await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    const { random } = this.#options;
    let rank = random.next() * 1_000;
    for (const [name, share] of TURNS) {
      rank -= share;
      if (rank >= 0) continue;
      const sent = this.#own.length === 0 ? null : random.pick(this.#own);
      if (sent !== null) return await this.#other(name, sent);
    }
    const roomId = this.#pickRoom();
    // Only one connection keeps two requests in a row.
    if (this.#options.transport === "ws" && random.chance(0.05)) {
      const burst = ++this.#burstCount;
      await Promise.all([this.#send(roomId, burst), this.#send(roomId, burst)]);
    } else await this.#send(roomId);
    const last = this.#own.at(-1);
    if (last !== undefined && random.chance(0.06)) await this.#list(last.roomId, random.pick(["a", "b"]));
  }

  /** The first room is as loud as the others together. */
  #pickRoom(): RoomId {
    const { random, rooms } = this.#options;
    return random.chance(0.4) ? rooms[0] as RoomId : random.pick(rooms);
  }

  async #send(roomId: RoomId, burst?: number): Promise<void> {
    const number = ++this.#sentCount;
    const clientMessageId = `n${number}`;
    const text = `${this.#options.person.name} says ${number}`;
    while (!this.#isGivenUp) {
      const outcome = await this.#ask(
        "send",
        { roomId, clientMessageId, text, ...(burst === undefined ? {} : { burst }) },
        () => this.#api.messages.send.mutate({ roomId, clientMessageId, text }),
      );
      if (outcome.type === "ok") {
        this.#own.push({ roomId, clientMessageId, text, offset: outcome.value.offset });
        if (this.#own.length > OWN_KEPT_COUNT) this.#own.shift();
        return;
      }
      await pause(outcome.retryAfterMs);
    }
  }

  async #other(name: OperationName | "again", sent: Sent): Promise<void> {
    const { random } = this.#options;
    const { roomId, offset, clientMessageId, text } = sent;
    const messages = this.#api.messages;
    switch (name) {
      case "again": {
        // Whoever did not hear the answer asks again, maybe elsewhere and much later.
        const instance = random.pick(["a", "b"] as const);
        const api = this.#apiOf(instance);
        await this.#ask(
          "send",
          { roomId, clientMessageId, text, instance },
          () => api.messages.send.mutate({ roomId, clientMessageId, text }),
        );
        return;
      }
      case "edit": {
        const next = `${this.#options.person.name} corrects ${clientMessageId} ${random.next()}`;
        await this.#ask(
          "edit",
          { roomId, offset, text: next },
          () => messages.edit.mutate({ roomId, offset, text: next }),
        );
        return;
      }
      case "delete":
        await this.#ask("delete", { roomId, offset }, () => messages.delete.mutate({ roomId, offset }));
        return;
      case "react": {
        const change = { roomId, offset, emoji: random.pick(EMOJI), on: random.chance(0.7) };
        await this.#ask("react", change, () => messages.react.mutate(change));
        return;
      }
      case "mark":
        await this.#ask("mark", { roomId, offset }, async () => {
          await this.#api.rooms.markRead.mutate({ roomId, offset });
          return { offset };
        });
        return;
      default:
        await this.#list(roomId, random.pick(["a", "b"]));
    }
  }

  async #list(roomId: RoomId, instance: InstanceName): Promise<void> {
    const { history, person } = this.#options;
    await call(
      history,
      { name: "list", client: this.name, person: person.id, roomId, instance },
      () => this.#apiOf(instance).messages.list.query({ roomId, limit: LIST_COUNT }),
      ({ messages, position }) => ({
        head: Number(position.split(".")[1]),
        offsets: messages.map(({ offset }) => offset),
      }),
    );
  }

  #ask<T extends { readonly offset: number }>(
    name: OperationName,
    question: Partial<Question> & { readonly roomId: RoomId },
    work: () => Promise<T>,
  ): Promise<Outcome<T>> {
    const { history, person } = this.#options;
    return call(
      history,
      { name, client: this.name, person: person.id, instance: this.#device.instance, ...question },
      work,
      ({ offset }) => ({ offset }),
    );
  }

  #apiOf(instance: InstanceName): Client {
    const at = this.#options.doors.findIndex((door) => door.instance === instance);
    return this.#straight[at]?.api ?? this.#api;
  }
}
