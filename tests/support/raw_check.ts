import { Buffer } from "node:buffer";
import { checkHttpAnswer, SocketCheck, StreamCheck } from "./answer_check.ts";
import type { Report } from "./answer_check.ts";

/** One WebSocket frame, unmasked. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The head of an answer whose body follows. */
interface Head {
  readonly target: string;
  readonly isJson: boolean;
  readonly stream: StreamCheck | null;
  /** Remaining bytes of the body or of its current chunk; null while unknown. */
  leftBytes: number | null;
  readonly isChunked: boolean;
  body: string;
}

const HEAD_END = "\r\n\r\n";
const TEXT_OPCODE = 1;
const REQUEST_LINE_PATTERN = /^(GET|POST|HEAD) (\S+) HTTP\/1\.1$/gm;

/** Checks one connection byte by byte: HTTP answers, event streams, and frames after an upgrade. */
export class RawCheck {
  readonly #report: Report;
  readonly #socket: SocketCheck;
  readonly #targets: string[] = [];
  readonly #decoder = new TextDecoder();
  #isUpgraded = false;
  #sent: Buffer = Buffer.alloc(0);
  #received: Buffer = Buffer.alloc(0);
  #head: Head | null = null;

  constructor(report: Report) {
    this.#report = report;
    this.#socket = new SocketCheck(report);
  }

  /** The client has sent this. */
  sent(bytes: Buffer): void {
    if (!this.#isUpgraded) {
      // In these tests, no line of a body begins with a method.
      for (const [, method, target = ""] of bytes.toString("latin1").matchAll(REQUEST_LINE_PATTERN)) {
        this.#targets.push(method === "HEAD" ? "" : target);
      }
      return;
    }
    const { frames, rest } = readFrames(Buffer.concat([this.#sent, bytes]));
    this.#sent = rest;
    for (const text of textsOf(frames)) this.#socket.sent(text);
  }

  /** The server has sent this. */
  received(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (!this.#isUpgraded && this.#readOn());
    if (!this.#isUpgraded) return;
    const { frames, rest } = readFrames(this.#received);
    this.#received = rest;
    for (const text of textsOf(frames)) this.#socket.received(text);
  }

  /** Reads the next part of an answer; false if it is incomplete. */
  #readOn(): boolean {
    const head = this.#head;
    if (head === null) return this.#readHead();
    if (head.leftBytes === null) return this.#readChunkSize(head);
    const part = this.#received.subarray(0, head.leftBytes);
    this.#received = this.#received.subarray(part.length);
    head.leftBytes -= part.length;
    const text = this.#decoder.decode(part, { stream: true });
    if (head.stream === null) head.body += text;
    else head.stream.received(text);
    if (head.leftBytes > 0) return false;
    if (head.isChunked) head.leftBytes = null;
    else this.#endAnswer(head);
    return true;
  }

  #readHead(): boolean {
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return false;
    const text = this.#received.toString("latin1", 0, end).toLowerCase();
    this.#received = this.#received.subarray(end + HEAD_END.length);
    const status = Number(text.split(" ", 2)[1]);
    this.#isUpgraded = status === 101;
    if (status < 200) return true;
    const target = this.#targets.shift() ?? "";
    const isChunked = text.includes("transfer-encoding: chunked");
    this.#head = {
      target,
      isJson: text.includes("content-type: application/json"),
      stream: text.includes("content-type: text/event-stream") ? new StreamCheck(target, this.#report) : null,
      leftBytes: isChunked ? null : Number(/^content-length: (\d+)$/m.exec(text)?.[1] ?? 0),
      isChunked,
      body: "",
    };
    if (target === "") this.#head = null;
    return true;
  }

  #readChunkSize(head: Head): boolean {
    // Every chunk except the first follows the line break of the previous one.
    const from = this.#received.indexOf("\r\n") === 0 ? 2 : 0;
    const end = this.#received.indexOf("\r\n", from);
    if (end < 0) return false;
    const sizeBytes = Number.parseInt(this.#received.toString("latin1", 0, end).trim(), 16);
    this.#received = this.#received.subarray(end + 2);
    if (sizeBytes > 0) head.leftBytes = sizeBytes;
    else this.#endAnswer(head);
    return true;
  }

  #endAnswer({ target, isJson, body }: Head): void {
    this.#head = null;
    if (isJson && target.startsWith("/trpc/")) checkHttpAnswer(target, body, this.#report);
  }
}

function textsOf(frames: readonly RawFrame[]): string[] {
  return frames.filter(({ opcode }) => opcode === TEXT_OPCODE).map(({ payload }) => payload.toString());
}

/** Reads the complete frames of either side (RFC 6455 §5.2), and returns the remaining bytes. */
export function readFrames(bytes: Buffer): { readonly frames: RawFrame[]; readonly rest: Buffer } {
  const frames: RawFrame[] = [];
  let from = 0;
  while (from + 2 <= bytes.length) {
    const opcode = bytes.readUInt8(from) & 0x0f;
    const isMasked = bytes.readUInt8(from + 1) >= 0x80;
    let length = bytes.readUInt8(from + 1) & 0x7f;
    let at = from + 2;
    const extraBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    if (at + extraBytes > bytes.length) break;
    if (extraBytes === 2) length = bytes.readUInt16BE(at);
    if (extraBytes === 8) length = Number(bytes.readBigUInt64BE(at));
    at += extraBytes;
    const mask = isMasked ? bytes.subarray(at, at + 4) : null;
    at += mask?.length ?? 0;
    if (at + length > bytes.length) break;
    const payload = bytes.subarray(at, at + length);
    frames.push({
      opcode,
      payload: mask === null
        ? payload
        : payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) as Buffer,
    });
    from = at + length;
  }
  return { frames, rest: bytes.subarray(from) };
}
