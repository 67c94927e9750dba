import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { RawCheck, readFrames } from "./raw_check.ts";
import type { RawFrame } from "./raw_check.ts";
import { waitFor } from "./wait.ts";

/** A TCP connection on which a test controls every byte. */
export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  /** Invalid answers; closing the client fails with them. */
  readonly #problems: string[] = [];
  readonly #check = new RawCheck((problem) => this.#problems.push(problem));
  isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#check.received(chunk);
    });
    socket.on("close", () => this.isClosed = true);
    socket.on("error", () => socket.destroy());
  }

  /** Connects to the server from an address. */
  static async dial(port: number, localAddress = "127.0.0.1"): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, localAddress });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawClient(socket);
  }

  /** Number of bytes received. */
  get byteCount(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Everything received, as text. */
  get text(): string {
    return this.#bytes().toString("latin1");
  }

  /** Status of the first answer; 0 before there is one. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0);
  }

  /** Headers of the first answer, with lower-case names. */
  get headers(): Map<string, string> {
    const head = this.text.split("\r\n\r\n", 1)[0] ?? "";
    return new Map(
      head.split("\r\n").slice(1).map((line) => {
        const [name = "", ...value] = line.split(":");
        return [name.toLowerCase(), value.join(":").trim()];
      }),
    );
  }

  /** Everything after the head of the first answer. */
  get body(): string {
    return this.text.split("\r\n\r\n").slice(1).join("\r\n\r\n");
  }

  write(data: string | Uint8Array): void {
    this.#check.sent(Buffer.from(data));
    this.#socket.write(data);
  }

  /** Sends a request with these head lines. */
  request(lines: readonly string[], body = ""): void {
    this.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  }

  /** Stops reading, so that the server's data piles up. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  readOn(): void {
    this.#socket.resume();
  }

  /** Upgrades to a WebSocket, with additional `headers`. */
  async upgrade(headers: Readonly<Record<string, string>> = {}, path = "/trpc"): Promise<void> {
    this.request([
      `GET ${path} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ]);
    await this.answered();
  }

  /** Resolves when the head of an answer has arrived. */
  async answered(): Promise<void> {
    await waitFor(() => this.text.includes("\r\n\r\n"), { what: "the server answers" });
  }

  /** Resolves when the server has closed the connection. */
  async closed(timeoutMs = 10_000): Promise<void> {
    await waitFor(() => this.isClosed, { timeoutMs, what: "the server closes the connection" });
  }

  /** Frames received after the upgrade. */
  frames(): RawFrame[] {
    const bytes = this.#bytes();
    return readFrames(bytes.subarray(bytes.indexOf("\r\n\r\n") + 4)).frames;
  }

  /** The close code that the server sent; 0 if none. */
  get closeCode(): number {
    const frame = this.frames().find(({ opcode }) => opcode === 8);
    return frame === undefined || frame.payload.length < 2 ? 0 : frame.payload.readUInt16BE(0);
  }

  #bytes(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await waitFor(() => this.isClosed);
    if (this.#problems.length > 0) throw new Error(this.#problems.join("\n"));
  }
}

export interface FrameOptions {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** RSV1 to RSV3 as three bits. */
  readonly rsv?: number;
  readonly isMasked?: boolean;
  /** A wrong length for the payload. */
  readonly length?: number | bigint;
}

/** Builds a client's frame, valid by default (RFC 6455 §5.2). */
export function rawFrame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, rsv = 0, isMasked = true } = options;
  const data = Buffer.from(payload);
  const length = options.length ?? data.length;
  const maskBit = isMasked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  if (length < 126) head.push(maskBit | Number(length));
  else if (length < 0x10000) head.push(maskBit | 126, Number(length) >> 8, Number(length) & 0xff);
  else {
    const big = Buffer.alloc(8);
    big.writeBigUInt64BE(BigInt(length));
    head.push(maskBit | 127, ...big);
  }
  const mask = [1, 2, 3, 4];
  if (!isMasked) return Buffer.concat([Buffer.from(head), data]);
  const masked = data.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([...head, ...mask]), masked]);
}
