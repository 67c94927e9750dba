import { Buffer } from "node:buffer";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/**
 * What happens to bytes on the way:
 * - `stall`: they are late, and arrive when the path heals.
 * - `black_hole`: they are lost in both directions. New connections are accepted, and what is sent on them is lost.
 * - `no_answers`, `no_requests`: they are lost in one direction.
 * - `drip`: one byte at a time.
 *
 * A connection that has lost bytes stays silent after the path has healed, as if a router had forgotten it.
 */
export type NetworkFault = "none" | "stall" | "black_hole" | "no_answers" | "no_requests" | "drip";

/** Options of `openNetworkProxy`. */
export interface NetworkProxyOptions {
  /** Answers upgrades with 403. */
  readonly refusesUpgrades?: boolean;
  /** Holds event streams back. */
  readonly buffersStreams?: boolean;
}

/** A reverse proxy between clients and a server, with the bad habits and faults of real networks. */
export interface NetworkProxy extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Bytes of TCP in both directions so far, without headers of TCP and IP. */
  readonly byteCount: number;
  /** Connections so far. */
  readonly dialCount: number;
  /** Forwards to this loopback port from now on; connections keep the address of the client. */
  serve(port: number): void;
  /** Changes the options. */
  allow(options: NetworkProxyOptions): void;
  set(fault: NetworkFault): void;
  /** Ends all connections. */
  cut(): void;
}

type Direction = "requests" | "answers";

/** At this pace a ping takes seconds. */
const DRIP_PAUSE_MS = 1_000;
const UPGRADE_PATTERN = /^GET [^]*\r\nupgrade: websocket\r\n/i;
const STREAM_PATTERN = /^HTTP\/1\.1 200 [^]*\r\ncontent-type: text\/event-stream/i;
const REFUSAL = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/** Listens on a free port; call `serve` before anybody connects. */
export async function openNetworkProxy(options: NetworkProxyOptions = {}): Promise<NetworkProxy> {
  const links = new Set<Link>();
  const state = { options, fault: "none" as NetworkFault, byteCount: 0, dialCount: 0, target: 0 };
  const listener = createServer((client) => {
    state.dialCount++;
    const localAddress = client.remoteAddress ?? "127.0.0.1";
    const link = new Link(client, connect({ host: "127.0.0.1", port: state.target, localAddress }), {
      options: () => state.options,
      fault: () => state.fault,
      onBytes: (count) => void (state.byteCount += count),
      onEnd: () => void links.delete(link),
    });
    links.add(link);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const cut = () => {
    for (const link of [...links]) link.end();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get byteCount() {
      return state.byteCount;
    },
    get dialCount() {
      return state.dialCount;
    },
    serve: (target) => void (state.target = target),
    allow: (options) => void (state.options = options),
    set(fault) {
      state.fault = fault;
      for (const link of links) link.faultChanged();
    },
    cut,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      cut();
      await closed;
    },
  };
}

interface LinkOptions {
  readonly options: () => NetworkProxyOptions;
  readonly fault: () => NetworkFault;
  readonly onBytes: (count: number) => void;
  readonly onEnd: () => void;
}

/** One connection through the proxy. */
class Link {
  readonly #sockets: Readonly<Record<Direction, Socket>>;
  readonly #options: LinkOptions;
  readonly #held: Record<Direction, Buffer[]> = { requests: [], answers: [] };
  readonly #lost = new Set<Direction>();
  #isFirst = true;
  #drip: ReturnType<typeof setInterval> | undefined;

  constructor(client: Socket, server: Socket, options: LinkOptions) {
    this.#sockets = { requests: server, answers: client };
    this.#options = options;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.end());
    }
    client.on("data", (bytes) => this.#take("requests", Buffer.from(bytes)));
    server.on("data", (bytes) => this.#take("answers", Buffer.from(bytes)));
    this.faultChanged();
  }

  faultChanged(): void {
    clearInterval(this.#drip);
    const fault = this.#options.fault();
    if (fault === "drip") this.#drip = setInterval(() => this.#dripOne(), DRIP_PAUSE_MS);
    if (fault === "stall" || fault === "drip") return;
    for (const to of ["requests", "answers"] as const) {
      for (const bytes of this.#held[to].splice(0)) this.#pass(to, bytes);
    }
  }

  end(): void {
    clearInterval(this.#drip);
    this.#options.onEnd();
    for (const socket of Object.values(this.#sockets)) socket.destroy();
  }

  #take(to: Direction, bytes: Buffer): void {
    this.#options.onBytes(bytes.length);
    const fault = this.#options.fault();
    if (fault === "black_hole" || fault === `no_${to}`) this.#lost.add(to);
    else if (fault === "stall" || fault === "drip" || this.#isBuffered(to, bytes)) this.#held[to].push(bytes);
    else this.#pass(to, bytes);
  }

  #isBuffered(to: Direction, bytes: Buffer): boolean {
    if (to === "requests" || this.#options.options().buffersStreams !== true) return false;
    return this.#held.answers.length > 0 || STREAM_PATTERN.test(bytes.toString("latin1"));
  }

  #pass(to: Direction, bytes: Buffer): void {
    if (this.#lost.has(to)) return;
    if (to === "requests" && this.#isFirst) {
      this.#isFirst = false;
      const isRefused = this.#options.options().refusesUpgrades === true &&
        UPGRADE_PATTERN.test(bytes.toString("latin1"));
      if (isRefused) {
        this.#sockets.requests.destroy();
        this.#sockets.answers.end(REFUSAL);
        this.#options.onBytes(REFUSAL.length);
        return;
      }
    }
    this.#sockets[to].write(bytes);
  }

  #dripOne(): void {
    for (const to of ["requests", "answers"] as const) {
      const [first] = this.#held[to];
      if (first === undefined) continue;
      this.#pass(to, first.subarray(0, 1));
      if (first.length === 1) this.#held[to].shift();
      else this.#held[to][0] = first.subarray(1);
    }
  }
}
