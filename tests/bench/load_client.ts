/**
 * Opens many WebSockets as bare TCP sockets, sends each a few text frames and counts the bytes that come back.
 * It parses nothing, so that it takes as little as possible of the machine from the server under measurement.
 */
import * as net from "node:net";
import { Buffer } from "node:buffer";
import { delay } from "./process.ts";

/** Dials at once; more overflow the listen queue. */
const DIAL_AT_ONCE_COUNT = 50;

/** A whole masked pong without a payload (RFC 6455 §5.5.3): a server may not give up on who sends one unasked. */
const PONG_INTERVAL_MS = 6_000;
const EMPTY_PONG = Uint8Array.of(0x8a, 0x80, 0, 0, 0, 0);

/** One socket to open. */
export interface Dial {
  readonly port: number;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly localAddress?: string;
  /** Texts to send once open. */
  readonly texts: readonly string[];
}

/** Open sockets that count what they receive. */
export interface Load extends Disposable {
  readonly openCount: number;
  /** Bytes received by all sockets since the last reset. */
  receivedBytes(): number;
  reset(): void;
  /** Waits until `bytes` were received since the reset. */
  received(bytes: number, timeoutMs: number): Promise<void>;
  /** Waits until nothing more comes. */
  quiet(): Promise<void>;
  /** Sends a text on one of the sockets. */
  write(index: number, text: string): void;
}

/** Dials all, a few at a time. */
export async function openLoad(dials: readonly Dial[]): Promise<Load> {
  let bytes = 0;
  const sockets: net.Socket[] = [];
  for (let from = 0; from < dials.length; from += DIAL_AT_ONCE_COUNT) {
    const opened = await Promise.all(dials.slice(from, from + DIAL_AT_ONCE_COUNT).map(openSocket));
    for (const socket of opened) {
      socket.on("data", (chunk: Uint8Array) => void (bytes += chunk.length));
      sockets.push(socket);
    }
  }
  const pongs = setInterval(() => {
    for (const socket of sockets) socket.write(EMPTY_PONG);
  }, PONG_INTERVAL_MS);
  return {
    openCount: sockets.length,
    receivedBytes: () => bytes,
    reset: () => void (bytes = 0),
    async received(wanted, timeoutMs) {
      const until = Date.now() + timeoutMs;
      while (bytes < wanted) {
        if (Date.now() > until) throw new Error(`Received ${bytes} of ${wanted} bytes in ${timeoutMs} ms`);
        await delay(5);
      }
    },
    async quiet() {
      for (let last = -1; last !== bytes;) {
        last = bytes;
        await delay(300);
      }
    },
    write: (index, text) => void sockets[index]?.write(maskedFrame(text)),
    [Symbol.dispose]() {
      clearInterval(pongs);
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Opens one WebSocket and sends its texts. */
export function openSocket(options: Dial): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const socket = net.connect({
    port: options.port,
    host: "127.0.0.1",
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  socket.setNoDelay(true);
  socket.once("error", reject);
  const extra = Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`).join(
    "",
  );
  socket.write(
    `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${
        Buffer.alloc(16).toString("base64")
      }\r\n${extra}\r\n`,
  );
  let head = "";
  const onData = (chunk: Uint8Array) => {
    head += new TextDecoder("latin1").decode(chunk);
    if (!head.includes("\r\n\r\n")) return;
    socket.off("data", onData);
    if (!head.startsWith("HTTP/1.1 101")) {
      return reject(new Error(`Upgrade refused: ${head.split("\r\n")[0]}`));
    }
    socket.on("error", () => {});
    for (const text of options.texts) socket.write(maskedFrame(text));
    resolve(socket);
  };
  socket.on("data", onData);
  return promise;
}

/** A client's frame must be masked (RFC 6455 §5.3); a mask of zeros leaves the text as it is. */
export function maskedFrame(text: string): Uint8Array {
  const body = Buffer.from(text);
  const header = body.length < 126
    ? Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0])
    : Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, body]);
}
