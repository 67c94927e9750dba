// @ts-types="npm:@types/ws@8.18.2"
import { WebSocket } from "ws";
import { delay } from "../bench/process.ts";
import type { Honest } from "./world.ts";

/** How long a send may take before it counts as lost. */
const PATIENCE_MS = 20_000;

/** How sends went: the time to their acknowledgement, in ms. */
export interface Sends {
  readonly ackMs: readonly number[];
  /** Errors returned instead of an acknowledgement. */
  readonly refusals: readonly string[];
}

/** Honest people with one socket each, who send messages in turn. */
export class Talk implements Disposable {
  readonly #sockets: WebSocket[];
  readonly #people: readonly Honest[];
  readonly #waiting = new Map<string, (answer: string) => void>();
  #count = 0;

  private constructor(people: readonly Honest[], sockets: WebSocket[]) {
    this.#people = people;
    this.#sockets = sockets;
    for (const socket of sockets) socket.on("message", (data) => this.#hear(String(data)));
  }

  /** Connects everybody; each follows a room. */
  static async open(url: string, people: readonly Honest[]): Promise<Talk> {
    const sockets = await Promise.all(people.map(async ({ person, roomId }, index) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/trpc`, {
        localAddress: `127.4.0.${1 + index}`,
        headers: { origin: url, cookie: `sid=${person.session}` },
      });
      await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
      socket.on("error", () => {});
      const params = { path: "messages.onEvent", input: { roomId } };
      socket.send(JSON.stringify({ id: "follow", method: "subscription", params }));
      return socket;
    }));
    return new Talk(people, sockets);
  }

  /** Sends this many messages per second for a while, from each person in turn, and waits for every answer. */
  async run({ ms, perSecond }: { readonly ms: number; readonly perSecond: number }): Promise<Sends> {
    const ackMs: number[] = [];
    const refusals: string[] = [];
    const sends: Promise<void>[] = [];
    const startedAt = performance.now();
    for (let sent = 0; performance.now() - startedAt < ms;) {
      while (sent < (performance.now() - startedAt) / 1_000 * perSecond) {
        const sentAt = performance.now();
        sends.push(
          this.#send(sent++).then((answer) => {
            if (answer.includes('"error"')) refusals.push(answer.slice(0, 200));
            else ackMs.push(performance.now() - sentAt);
          }),
        );
      }
      await delay(2);
    }
    await Promise.all(sends);
    return { ackMs, refusals };
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async #send(turn: number): Promise<string> {
    const index = turn % this.#people.length;
    const id = `send-${this.#count++}`;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.set(id, resolve);
    const input = { roomId: this.#people[index]?.roomId, clientMessageId: id, text: `The tide turns, ${id}` };
    this.#sockets[index]?.send(
      JSON.stringify({ id, method: "mutation", params: { path: "messages.send", input } }),
    );
    const timer = setTimeout(() => resolve('"error": no answer'), PATIENCE_MS);
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    return answer;
  }

  #hear(text: string): void {
    const id = /^\{"id":"(send-\d+)"/.exec(text)?.[1];
    if (id !== undefined) this.#waiting.get(id)?.(text);
  }
}
