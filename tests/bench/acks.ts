import type * as net from "node:net";
import { maskedFrame, openSocket } from "./load_client.ts";
import { delay } from "./process.ts";
import type { Target } from "./process.ts";

const SETTLE_MS = 1_000;
const TIMEOUT_MS = 60_000;
const ANSWER = /\{"id":(\d+),"(result|error)"/;

interface Sender {
  readonly socket: net.Socket;
  readonly roomId: string;
}

/** Sends messages evenly from all people of a target and gives the time to each acknowledgement, in ms. */
export async function measureAcks(
  target: Target,
  options: { readonly perSecond: number; readonly seconds: number },
): Promise<number[]> {
  const sentAt = new Map<number, number>();
  const delays: number[] = [];
  using senders = await Senders.open(target, (id) => {
    const at = sentAt.get(id);
    if (at !== undefined) delays.push(performance.now() - at);
    sentAt.delete(id);
  });
  const total = options.perSecond * options.seconds;
  const startedAt = performance.now();
  for (let index = 0; index < total;) {
    const due = Math.min(total, Math.floor((performance.now() - startedAt) * options.perSecond / 1_000));
    for (; index < due; index++) {
      sentAt.set(index, performance.now());
      senders.send(index);
    }
    await delay(1);
  }
  await delay(SETTLE_MS);
  senders.throwIfRefused();
  if (delays.length !== total) {
    throw new Error(`${total - delays.length} of ${total} sends were not acknowledged`);
  }
  return delays;
}

/** Keeps so many sends in flight, one after the other from all people, and gives the acknowledgements a second. */
export async function measureSends(
  target: Target,
  options: { readonly total: number; readonly inFlightCount: number },
): Promise<number> {
  const { total, inFlightCount } = options;
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  let doneCount = 0;
  using senders = await Senders.open(target, () => {
    if (++doneCount === total) resolve();
    else if (begun < total) senders.send(begun++);
  });
  const timer = setTimeout(resolve, TIMEOUT_MS);
  const startedAt = performance.now();
  while (begun < Math.min(total, inFlightCount)) senders.send(begun++);
  await promise;
  clearTimeout(timer);
  const seconds = (performance.now() - startedAt) / 1_000;
  senders.throwIfRefused();
  if (doneCount < total) throw new Error(`${total - doneCount} of ${total} sends were not acknowledged`);
  return total / seconds;
}

/** One socket for each person of a target, who send in turns. */
class Senders implements Disposable {
  readonly #senders: Sender[] = [];
  readonly #refusals: string[] = [];

  /** Dials all; `onAnswer` hears the number of each send that was answered. */
  static async open(target: Target, onAnswer: (index: number) => void): Promise<Senders> {
    const senders = new Senders();
    const people = target.hello["people"] as { cookie: string; address: string; roomId: string }[];
    for (const { cookie, address, roomId } of people) {
      const socket = await openSocket({
        port: target.hello.port,
        path: "/trpc",
        headers: { Cookie: cookie, Origin: String(target.hello["origin"]) },
        localAddress: address,
        texts: [],
      });
      let rest = "";
      socket.on("data", (chunk: Uint8Array) => {
        // Frames of answers are short and start with their id; what is cut in half waits for its rest.
        rest += new TextDecoder("latin1").decode(chunk);
        for (let match = ANSWER.exec(rest); match !== null; match = ANSWER.exec(rest)) {
          if (match[2] === "error") senders.#refusals.push(rest.slice(match.index, match.index + 300));
          rest = rest.slice(match.index + match[0].length);
          onAnswer(Number(match[1]) - 1);
        }
      });
      senders.#senders.push({ socket, roomId });
    }
    return senders;
  }

  /** Sends one message, from the person whose turn it is. */
  send(index: number): void {
    const { socket, roomId } = this.#senders[index % this.#senders.length] as Sender;
    const input = { roomId, clientMessageId: `ack-${index}`, text: "The tide tables are on the board now." };
    const params = { path: "messages.send", input };
    socket.write(maskedFrame(JSON.stringify({ id: index + 1, method: "mutation", params })));
  }

  /** Throws when a send was refused. */
  throwIfRefused(): void {
    const [first] = this.#refusals;
    if (first !== undefined) {
      throw new Error(`${this.#refusals.length} sends were refused, the first: ${first}`);
    }
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.#senders) socket.destroy();
  }
}
