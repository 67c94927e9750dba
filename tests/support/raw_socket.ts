// @ts-types="npm:@types/ws@8.18.2"
import type { WebSocket } from "ws";
import type { Device } from "./test_clients.ts";
import { waitFor } from "./wait.ts";

/** A WebSocket without a tRPC client: any input, and every output frame as text. */
export class RawSocket {
  /** Every text frame, in order. */
  readonly texts: string[] = [];
  readonly #socket: WebSocket;
  #nextId = 1_000;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => void this.texts.push(String(data)));
  }

  /** Connects with the device's credentials; it closes with the device. */
  static async open(device: Device): Promise<RawSocket> {
    const socket = device.dial();
    const raw = new RawSocket(socket);
    await waitFor(() => socket.readyState === socket.OPEN, { what: "the socket is open" });
    return raw;
  }

  /** Calls a procedure and resolves with the whole answer. */
  async call(method: "query" | "mutation", path: string, input: unknown): Promise<unknown> {
    const id = this.#nextId++;
    this.send({ id, method, params: { path, input } });
    const text = await waitFor(() => this.texts.find((one) => one.startsWith(`{"id":${id},`)));
    return JSON.parse(text);
  }

  /** Opens a subscription; its frames are among `texts`. */
  subscribe(id: number, path: string, input: unknown): void {
    this.send({ id, method: "subscription", params: { path, input } });
  }

  /** Sends one message as JSON. */
  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Stops reading, like a frozen machine. */
  pause(): void {
    this.#socket.pause();
  }

  /** Breaks the connection without a close frame. */
  terminate(): void {
    this.#socket.terminate();
  }
}
