import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { delay } from "./process.ts";

/** A line as a phone has it, in front of a server: WebSockets go through it like everything else. */
export interface PhoneLine extends AsyncDisposable {
  readonly port: number;
}

const BYTES_PER_MS = 1_600_000 / 8 / 1_000;
const ROUND_TRIP_MS = 150;
/** What arrives at a time. */
const PIECE_BYTES = 1_460;

/**
 * Lets connections through with 150 ms there and back, one more for each new one, and 1.6 Mbit/s down for all.
 * Refuses them while `targetPort` gives null.
 */
export async function openPhoneLine(targetPort: () => number | null): Promise<PhoneLine> {
  const sockets = new Set<Socket>();
  let freeAt = 0;
  const listener = createServer({ noDelay: true }, (client) => {
    const port = targetPort();
    if (port === null) {
      client.destroy();
      return;
    }
    const server = connect({ port, host: "127.0.0.1", noDelay: true });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    // The handshake has taken no time here: its round trip comes before the first byte.
    const openAt = performance.now() + ROUND_TRIP_MS;
    let up = Promise.resolve();
    client.on("data", (data) => {
      const at = Math.max(performance.now(), openAt) + ROUND_TRIP_MS / 2;
      up = up.then(() => until(at)).then(() => void server.write(data));
    });
    client.on("close", () => server.destroy());
    let down = Promise.resolve();
    server.on("data", (data: Uint8Array) => {
      for (let start = 0; start < data.length; start += PIECE_BYTES) {
        const piece = data.subarray(start, start + PIECE_BYTES);
        freeAt = Math.max(freeAt, performance.now()) + piece.length / BYTES_PER_MS;
        const at = freeAt + ROUND_TRIP_MS / 2;
        down = down.then(() => until(at)).then(() => void client.write(piece));
      }
    });
    // What is still on its way arrives.
    server.on("close", () => void down.then(() => client.destroy()));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function until(at: number): Promise<void> {
  const ms = at - performance.now();
  if (ms > 0) await delay(ms);
}
