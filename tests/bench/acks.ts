import type * as net from "node:net";
import { maskedFrame, openSocket } from "./load_client.ts";
import { delay } from "./process.ts";
import type { Target } from "./process.ts";

const SETTLE_MS = 1_000;

interface Sender {
  readonly socket: net.Socket;
  readonly roomId: string;
}

/** Sends messages evenly from all people of a target and gives the time to each acknowledgement, in ms. */
export async function measureAcks(
  target: Target,
  options: { readonly perSecond: number; readonly seconds: number },
): Promise<number[]> {
  const people = target.hello["people"] as { cookie: string; address: string; roomId: string }[];
  const sentAt = new Map<number, number>();
  const delays: number[] = [];
  const failures: string[] = [];
  const senders: Sender[] = [];
  for (const { cookie, address, roomId } of people) {
    const Origin = `http://127.0.0.1:${target.hello.port}`;
    const socket = await openSocket({
      port: target.hello.port,
      path: "/trpc",
      headers: { Cookie: cookie, Origin },
      localAddress: address,
      texts: [],
    });
    let rest = "";
    socket.on("data", (chunk: Uint8Array) => {
      const now = performance.now();
      // Frames of answers are short and start with their id; what is cut in half waits for its rest.
      rest += new TextDecoder("latin1").decode(chunk);
      for (let match = ANSWER.exec(rest); match !== null; match = ANSWER.exec(rest)) {
        const id = Number(match[1]);
        if (match[2] === "error") failures.push(rest.slice(match.index, match.index + 300));
        else if (sentAt.has(id)) delays.push(now - (sentAt.get(id) ?? now));
        sentAt.delete(id);
        rest = rest.slice(match.index + match[0].length);
      }
    });
    senders.push({ socket, roomId });
  }
  const total = options.perSecond * options.seconds;
  const startedAt = performance.now();
  for (let index = 0; index < total;) {
    const due = Math.min(total, Math.floor((performance.now() - startedAt) * options.perSecond / 1_000));
    for (; index < due; index++) {
      const { socket, roomId } = senders[index % senders.length] as Sender;
      const input = {
        roomId,
        clientMessageId: `ack-${index}`,
        text: "The tide tables are on the board now.",
      };
      const text = JSON.stringify({
        id: index + 1,
        method: "mutation",
        params: { path: "messages.send", input },
      });
      sentAt.set(index + 1, performance.now());
      socket.write(maskedFrame(text));
    }
    await delay(1);
  }
  await delay(SETTLE_MS);
  for (const { socket } of senders) socket.destroy();
  if (failures.length > 0) {
    throw new Error(`${failures.length} sends were refused, the first: ${failures[0]}`);
  }
  if (delays.length !== total) {
    throw new Error(`${total - delays.length} of ${total} sends were not acknowledged`);
  }
  return delays;
}

const ANSWER = /\{"id":(\d+),"(result|error)"/;
