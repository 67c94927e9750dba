import { describe, expect, it } from "vitest";
import type { RoomId } from "../../shared/ids.ts";
import { freePort } from "../support/free_port.ts";
import { startServerProcess } from "../support/server_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { pause, waitFor } from "../support/wait.ts";
import { Crowd, seedCrowd } from "./crowd.ts";
import type { CrowdClient } from "./crowd.ts";

const CLIENT_COUNT = 1_000;
const SENDERS_COUNT = 50;
const SEND_EVERY_MS = 1_000;
const RETRY_MS = 250;
/** The server has 10 s; what comes on top is the end of the process on a machine that is busy with other things. */
const STOPPED_WITHIN_MS = 11_000;
const TALK_BEFORE_MS = 3_000;

/** Says something every second, each thing until the server has it. */
class Sender {
  readonly said: string[] = [];
  readonly #client: CrowdClient;
  readonly #name: string;
  readonly #done: Promise<void>;
  #isStopping = false;

  constructor(client: CrowdClient, name: string) {
    this.#client = client;
    this.#name = name;
    this.#done = this.#run();
  }

  get roomId(): RoomId {
    return this.#client.roomId;
  }

  /** Resolves when all that was begun is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const text = `${this.#name} ${this.said.length}`;
      while (!await this.#send(text)) await pause(RETRY_MS);
      this.said.push(text);
      await pause(SEND_EVERY_MS);
    }
  }

  /** True when it is acknowledged; its id keeps it one message, however often it is sent. */
  async #send(text: string): Promise<boolean> {
    if (!this.#client.isOpen) return false;
    const clientMessageId = text.replaceAll(" ", "-");
    const { messages } = this.#client.api.trpc;
    return await messages.send.mutate({ roomId: this.roomId, clientMessageId, text }).then(
      () => true,
      () => false,
    );
  }
}

describe("a thousand clients of a stopping server", () => {
  it("F4 lose nothing, see nothing twice, and reconnect once each", async () => {
    await using folder = await temporaryFolder();
    const members = await seedCrowd(folder.path, CLIENT_COUNT);
    const port = freePort();
    let server = await startServerProcess({ dataDir: folder.path, port });
    await using crowd = new Crowd(members, server.url);
    try {
      await crowd.connect();
      const senders = crowd.clients.filter((_, index) => index % (CLIENT_COUNT / SENDERS_COUNT) === 0)
        .map((client, index) => new Sender(client, `sender ${index}`));
      await pause(TALK_BEFORE_MS);
      const startedAt = performance.now();
      expect(await server.stop()).toBe(0);
      expect(performance.now() - startedAt).toBeLessThan(STOPPED_WITHIN_MS);
      server = await startServerProcess({ dataDir: folder.path, port });
      await waitFor(() => crowd.openCount === CLIENT_COUNT, { timeoutMs: 30_000, what: "all are back" });
      await Promise.all(senders.map((sender) => sender.stop()));

      const said = new Map<RoomId, string[]>();
      for (const { roomId, said: texts } of senders) said.set(roomId, [...said.get(roomId) ?? [], ...texts]);
      const isMissing = ({ roomId, heard }: CrowdClient) => heard.length < (said.get(roomId)?.length ?? 0);
      await waitFor(() => !crowd.clients.some(isMissing), { what: "everybody has heard everything" });
      for (const { roomId, heard } of crowd.clients) {
        expect(heard.toSorted()).toEqual(said.get(roomId)?.toSorted());
      }
      // All of a room in the same order.
      for (const roomId of said.keys()) {
        const orders = crowd.clients.filter((client) => client.roomId === roomId).map(({ heard }) =>
          heard.join()
        );
        expect(new Set(orders).size).toBe(1);
      }
      expect(crowd.clients.flatMap(({ problems }) => problems)).toEqual([]);
      const opens = crowd.clients.map(({ openedAt }) => openedAt.length);
      expect(opens.filter((count) => count !== 2)).toEqual([]);
    } finally {
      await server.kill();
    }
  }, 120_000);
});
