import { isIP } from "node:net";
import { stunSize } from "./stun_message.ts";
import type { TurnServer } from "./turn_server.ts";

/** Answers to us are far shorter. */
const MESSAGE_MAX_BYTES = 2_048;
const HEADER_BYTES = 20;

/** A way to exchange messages with a relay. It closes when its signal aborts; what waits then fails. */
export interface TurnChannel extends Disposable {
  /** False where messages get lost and must be repeated. */
  readonly isReliable: boolean;
  send(bytes: Uint8Array): Promise<void>;
  /** The next message from anybody. */
  receive(): Promise<Uint8Array>;
}

/** Where and until when a relay is dialed. */
export interface TurnDialOptions {
  readonly server: TurnServer;
  readonly signal: AbortSignal;
  /** Certificates that are trusted besides the usual ones. */
  readonly caCerts?: readonly string[];
}

/** Opens a channel to a relay. */
export async function dialTurn(options: TurnDialOptions): Promise<TurnChannel> {
  return options.server.transport === "udp" ? dialDatagrams(options) : await dialStream(options);
}

function dialDatagrams({ server: { host, port }, signal }: TurnDialOptions): TurnChannel {
  // A name leads to either family, and a socket reaches only its own.
  const families = [["0.0.0.0"], ["::"], ["0.0.0.0", "::"]] as const;
  const [first, ...others] = families[isIP(host) === 4 ? 0 : isIP(host) === 6 ? 1 : 2];
  const open = (hostname: string) => {
    const socket = Deno.listenDatagram({ transport: "udp", port: 0, hostname });
    return { socket, close: closeOnce(socket, signal) };
  };
  let opened = open(first);
  return {
    isReliable: false,
    async send(bytes) {
      for (;;) {
        try {
          await opened.socket.send(bytes, { transport: "udp", hostname: host, port });
          return;
        } catch (error) {
          const next = others.shift();
          if (next === undefined || signal.aborted) throw error;
          opened.close();
          opened = open(next);
        }
      }
    },
    async receive() {
      const [bytes] = await opened.socket.receive(new Uint8Array(MESSAGE_MAX_BYTES));
      return bytes;
    },
    [Symbol.dispose]: () => opened.close(),
  };
}

async function dialStream({ server, signal, caCerts = [] }: TurnDialOptions): Promise<TurnChannel> {
  const { host: hostname, port, transport } = server;
  const plain = await Deno.connect({ hostname, port, signal });
  let connection: Deno.Conn = plain;
  let close = closeOnce(plain, signal);
  try {
    if (transport === "tls") {
      connection = await Deno.startTls(plain, { hostname, caCerts: [...caCerts] });
      close();
      close = closeOnce(connection, signal);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    isReliable: true,
    async send(bytes) {
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    },
    async receive() {
      const header = await readFully(connection, HEADER_BYTES);
      const size = stunSize(header);
      if (size === null || size > MESSAGE_MAX_BYTES) throw new Error("The relay speaks another protocol");
      const body = await readFully(connection, size - HEADER_BYTES);
      const bytes = new Uint8Array(size);
      bytes.set(header);
      bytes.set(body, HEADER_BYTES);
      return bytes;
    },
    [Symbol.dispose]: close,
  };
}

/** Reads exactly `count` bytes. */
async function readFully(connection: Deno.Conn, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await connection.read(bytes.subarray(at));
    if (read === null) throw new Error("The relay closed the connection");
    at += read;
  }
  return bytes;
}

/** Closes a socket when the signal aborts, or before. */
function closeOnce(socket: { close(): void }, signal: AbortSignal): () => void {
  let isOpen = true;
  const close = () => {
    signal.removeEventListener("abort", close);
    if (!isOpen) return;
    isOpen = false;
    try {
      socket.close();
    } catch {
      // TLS has taken it over.
    }
  };
  signal.addEventListener("abort", close);
  return close;
}
