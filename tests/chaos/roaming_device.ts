import type { InstanceName } from "./history.ts";
import { Device } from "../support/test_clients.ts";

/** Longer than an honest answer takes, shorter than the longest stall. */
const ANSWER_WITHIN_MS = 8_000;
const DIAL_WITHIN_MS = 4_000;
/** A frozen server does not answer a goodbye; `ws` would wait 30 s for it. */
const GOODBYE_WITHIN_MS = 500;
const RETRY_MAX_MS = 2_000;

/** Where an instance can be dialled. */
export interface Door {
  readonly instance: InstanceName;
  readonly port: number;
}

/** A device that knows one or several doors, and takes the next one when what is behind this one is away. */
export class RoamingDevice extends Device {
  readonly #doors: readonly Door[];
  #at: number;
  #isClosed = false;

  constructor(doors: readonly Door[], options: { address: string; token: string; first?: number }) {
    const { address, token, first = 0 } = options;
    super(`http://127.0.0.1:${doors[0]?.port}`, address);
    this.token = token;
    this.#doors = doors;
    this.#at = first % doors.length;
    const send = this.fetch;
    Object.assign(this, {
      fetch: (input: RequestInfo | URL, init: RequestInit = {}) => this.#fetch(send, input, init),
    });
  }

  /** The instance that is dialled now. */
  get instance(): InstanceName {
    return this.#door.instance;
  }

  /** Takes the next door from now on. */
  move(): void {
    this.#at = (this.#at + 1) % this.#doors.length;
  }

  override wsClient(): ReturnType<Device["wsClient"]> {
    return super.wsClient({
      // A frozen server looks like a silent one.
      keepAlive: { enabled: true, intervalMs: 2_500, pongTimeoutMs: 2_500 },
      retryDelayMs: (attempt) => Math.min(50 * 2 ** attempt, RETRY_MAX_MS) * (0.5 + Math.random() / 2),
    });
  }

  override dial(address = `${this.origin.replace("http", "ws")}/trpc`): ReturnType<Device["dial"]> {
    const door = this.#door;
    const url = new URL(address);
    url.port = String(door.port);
    const socket = super.dial(url.href);
    let timer = setTimeout(() => socket.terminate(), DIAL_WITHIN_MS);
    const close = socket.close.bind(socket);
    socket.close = (...reason) => {
      clearTimeout(timer);
      timer = setTimeout(() => socket.terminate(), GOODBYE_WITHIN_MS);
      close(...reason);
    };
    socket.on("open", () => clearTimeout(timer));
    socket.on("close", () => {
      clearTimeout(timer);
      // Another socket of this device may have moved already.
      if (!this.#isClosed && door === this.#door) this.move();
    });
    return socket;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await super[Symbol.asyncDispose]();
  }

  get #door(): Door {
    return this.#doors[this.#at] as Door;
  }

  async #fetch(send: Device["fetch"], input: RequestInfo | URL, init: RequestInit): Promise<Response> {
    const door = this.#door;
    const url = new URL(input instanceof Request ? input.url : input, this.origin);
    url.port = String(door.port);
    const isStream = new Headers(init.headers).get("accept") === "text/event-stream";
    const late = new AbortController();
    const wait = url.searchParams.get("input")?.includes("waitMs") ? 2 * ANSWER_WITHIN_MS : ANSWER_WITHIN_MS;
    const timer = setTimeout(() => late.abort(), wait);
    const signal = AbortSignal.any([late.signal, ...init.signal ? [init.signal] : []]);
    try {
      const response = await send(url, { ...init, signal });
      // An open stream may be silent for long; an answer comes whole.
      if (isStream) return response;
      return new Response(await response.bytes(), response);
    } catch (error) {
      if (door === this.#door && !init.signal?.aborted) this.move();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
