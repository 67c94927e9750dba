import type { RoomId } from "../../shared/ids.ts";
import type { Api } from "../../client/net/api.ts";
import { seedPerson, withStores } from "../support/seed.ts";
import type { SeededPerson } from "../support/seed.ts";
import { netClient } from "../support/net_client.ts";
import { Device } from "../support/test_clients.ts";

/** Everybody is in one room of this many, so that no room is louder than rooms are. */
const PEOPLE_PER_ROOM_COUNT = 50;
const SEEDED_AT_ONCE_COUNT = 50;
/** At once, at the beginning; a stampede is for later. */
const DIALS_AT_ONCE_COUNT = 50;

/** Somebody of the crowd, and where they are. */
export interface Member {
  readonly person: SeededPerson;
  readonly roomId: RoomId;
}

/** Puts a crowd and its rooms into a data folder that no server has open. */
export async function seedCrowd(dataDir: string, count: number): Promise<Member[]> {
  return await withStores(dataDir, async (services) => {
    const members: Member[] = [];
    for (let first = 0; first < count; first += PEOPLE_PER_ROOM_COUNT) {
      const size = Math.min(PEOPLE_PER_ROOM_COUNT, count - first);
      const people: SeededPerson[] = [];
      for (let index = 0; index < size; index += SEEDED_AT_ONCE_COUNT) {
        const names = Array.from(
          { length: Math.min(SEEDED_AT_ONCE_COUNT, size - index) },
          (_, at) => `Person ${first + index + at + 1}`,
        );
        people.push(...await Promise.all(names.map((name) => seedPerson(services, name, "member"))));
      }
      const [maker] = people as [SeededPerson];
      const room = { name: `Room ${first}`, kind: "public", topic: "", by: maker.id } as const;
      const { id: roomId } = await services.rooms.create(room);
      for (const { id } of people.slice(1)) await services.rooms.members.join({ userId: id, roomId });
      for (const person of people) members.push({ person, roomId });
    }
    return members;
  });
}

/** One person's client: our own way to the server, which follows the person's room. */
export class CrowdClient implements AsyncDisposable {
  readonly roomId: RoomId;
  readonly api: Api & Disposable;
  /** Texts of the room's messages in the order in which they came. */
  readonly heard: string[] = [];
  /** What ended the subscription, which nothing should. */
  readonly problems: string[] = [];
  /** When the connection opened, each time; in milliseconds of `performance.now()`. */
  readonly openedAt: number[] = [];
  readonly #device: Device;
  readonly #subscription: { unsubscribe(): void };
  readonly #stops: (() => void)[];

  constructor(member: Member, options: { url: string; index: number; onPlan: (at: number) => void }) {
    const { url, index, onPlan } = options;
    this.roomId = member.roomId;
    // Limits go by address, and a crowd has many.
    this.#device = new Device(url, `127.${80 + Deno.pid % 64}.${1 + (index >> 7)}.${1 + index % 128}`);
    this.#device.cookie = `sid=${member.person.session}`;
    this.api = netClient(this.#device);
    const { isOpen, retryAt } = this.api.connection;
    this.#stops = [
      isOpen.subscribe((value) => {
        if (value) this.openedAt.push(performance.now());
      }),
      retryAt.subscribe((at) => {
        if (at !== null) onPlan(at);
      }),
    ];
    this.#subscription = this.api.trpc.messages.onEvent.subscribe({ roomId: member.roomId }, {
      onData: ({ data }) => {
        if (data.type === "message_sent") this.heard.push(data.message.text);
        if (data.type === "resync_required") this.problems.push("resync_required");
      },
      onError: (error) => void this.problems.push(String(error)),
    });
  }

  get isOpen(): boolean {
    return this.api.connection.isOpen.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#subscription.unsubscribe();
    this.api[Symbol.dispose]();
    await this.#device[Symbol.asyncDispose]();
  }
}

/** Many clients at once, and for when each planned its dials; a crowd in one process starts them a little later. */
export class Crowd implements AsyncDisposable {
  readonly clients: readonly CrowdClient[];
  /** Epoch milliseconds. */
  readonly plannedAt: number[] = [];

  constructor(members: readonly Member[], url: string) {
    const onPlan = (at: number) => void this.plannedAt.push(at);
    this.clients = members.map((member, index) => new CrowdClient(member, { url, index, onPlan }));
  }

  /** Connects everybody, some at a time. */
  async connect(): Promise<void> {
    for (let first = 0; first < this.clients.length; first += DIALS_AT_ONCE_COUNT) {
      const some = this.clients.slice(first, first + DIALS_AT_ONCE_COUNT);
      for (const { api } of some) api.connect();
      await Promise.all(some.map((client) => opened(client)));
    }
  }

  get openCount(): number {
    return this.clients.filter(({ isOpen }) => isOpen).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client[Symbol.asyncDispose]()));
  }
}

async function opened(client: CrowdClient): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = client.api.connection.isOpen.subscribe((isOpen) => {
    if (isOpen) resolve();
  });
  await promise;
  stop();
}
