import type { Server } from "node:http";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import { ConnectionShare } from "./net/connection_share.ts";
import { createHttpServer } from "./net/http_server.ts";
import type { RequestHandlers } from "./net/http_server.ts";

/** How long the last answers may take when the server stops. */
const CLOSE_HTTP_MS = 1_000;

/** A port that cannot be used; the message is a single line for the operator. */
export class ListenError extends Error {}

export interface ListenerOptions {
  readonly config: Config;
  readonly log: Log;
  /** Headers of every answer. */
  readonly headers: readonly (readonly [string, string])[];
  readonly silenceMs: number;
}

/** Listens on the port. What answers can be replaced while it does. */
export class Listener {
  readonly #config: Config;
  readonly #server: Server;
  #port: number;
  #handlers: RequestHandlers | null = null;
  #isListening = false;

  constructor({ config, log, headers, silenceMs }: ListenerOptions) {
    this.#config = config;
    this.#port = config.port;
    this.#server = createHttpServer({
      log,
      share: new ConnectionShare({ trusted: config.trustProxy }),
      silenceMs,
      headers,
      handlers: () => {
        if (this.#handlers === null) throw new TypeError("Nothing answers yet");
        return this.#handlers;
      },
    });
  }

  /** The port; of one that the system chooses, only once it listens. */
  get port(): number {
    return this.#port;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Where this process listens, without a trailing slash. */
  get url(): string {
    return urlOf(this.#config.host, this.#port);
  }

  /** How this process reaches itself: an address that stands for all of them cannot be dialed. */
  get localUrl(): string {
    const { host } = this.#config;
    return urlOf(host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, this.#port);
  }

  /** Lets `handlers` answer all requests that come from now on, and listens if it does not yet. */
  async answerWith(handlers: RequestHandlers): Promise<void> {
    this.#handlers = handlers;
    if (!this.#isListening) await this.#listen();
  }

  /** Stops listening; answers in flight may finish. */
  async close(): Promise<void> {
    if (!this.#isListening) return;
    this.#isListening = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_HTTP_MS);
    this.#server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    this.#server.closeIdleConnections();
    await promise;
  }

  async #listen(): Promise<void> {
    const { port, host } = this.#config;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", (error: Error & { code?: string }) => {
      const isTaken = error.code === "EADDRINUSE";
      reject(isTaken ? new ListenError(`Port ${port} is in use: set PORT to another one`) : error);
    });
    this.#server.listen(port, host, () => {
      const address = this.#server.address();
      if (typeof address === "object" && address !== null) this.#port = address.port;
      resolve();
    });
    await promise;
    this.#isListening = true;
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
