import { Buffer } from "node:buffer";

/** One item to deliver, encoded at most once for all subscriptions. */
export interface Item {
  readonly value: unknown;
  /** Its place in the topic: 1, 2, 3 …; 0 if the topic has no order. */
  readonly offset: number;
  /** `epoch.offset` for a tracked subscription. */
  readonly position?: string;
  /** Whether slow readers may skip it. */
  readonly ephemeral?: boolean;
  /** The user who caused it, for subscriptions that leave out their own items. */
  readonly by?: string;
}

const FIN_AND_TEXT = 0x81;
const LENGTH_16_BIT = 126;
const LENGTH_64_BIT = 127;

/** Clients number their requests alike, so a few heads cover nearly all. */
const HEADS_MAX_COUNT = 16;

const bodies = new WeakMap<Item, Buffer>();
const framesByHead = new WeakMap<Item, Map<string, Uint8Array>>();

/** Returns the cached frames of a single item, if another reader with this head has received it. */
export function knownFrames(head: string, items: readonly Item[]): Uint8Array | undefined {
  const [item] = items;
  return item === undefined || items.length > 1 ? undefined : framesByHead.get(item)?.get(head);
}

/** Caches the frames of a single item for later readers with the same head. */
export function keepFrames(head: string, items: readonly Item[], frames: Uint8Array): void {
  const [item] = items;
  if (item === undefined || items.length > 1) return;
  const known = framesByHead.get(item) ?? new Map<string, Uint8Array>();
  if (known.size < HEADS_MAX_COUNT) framesByHead.set(item, known.set(head, frames));
}

/**
 * Encodes items as WebSocket text frames of tRPC responses, byte for byte what the stock adapter sends.
 * `head` is the response up to its id, `{"id":7`, which differs by subscription; the rest is shared.
 * A server's frame is unmasked and has a header of 2, 4 or 10 bytes (RFC 6455 §5.2).
 */
export function encodeFrames(head: string, items: readonly Item[]): Uint8Array {
  const headBytes = Buffer.from(head);
  let total = 0;
  for (const item of items) {
    const payload = headBytes.length + bodyOf(item).length;
    total += headerLength(payload) + payload;
  }
  const frames = Buffer.allocUnsafe(total);
  let at = 0;
  for (const item of items) {
    const body = bodyOf(item);
    at = writeHeader(frames, at, headBytes.length + body.length);
    at += headBytes.copy(frames, at);
    at += body.copy(frames, at);
  }
  return frames;
}

/** Encodes one text as a WebSocket frame. */
export function encodeFrame(text: string | Uint8Array): Uint8Array {
  const payload = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(headerLength(payload) + payload);
  const at = writeHeader(frame, 0, payload);
  if (typeof text === "string") frame.write(text, at);
  else frame.set(text, at);
  return frame;
}

function bodyOf(item: Item): Buffer {
  let body = bodies.get(item);
  if (body === undefined) {
    const json = JSON.stringify(item.value);
    const id = item.position === undefined ? "" : JSON.stringify(item.position);
    body = Buffer.from(
      id === ""
        ? `,"result":{"type":"data","data":${json}}}`
        : `,"result":{"type":"data","data":{"id":${id},"data":${json}},"id":${id}}}`,
    );
    bodies.set(item, body);
  }
  return body;
}

function headerLength(payload: number): number {
  if (payload < LENGTH_16_BIT) return 2;
  return payload < 0x10000 ? 4 : 10;
}

function writeHeader(frames: Buffer, at: number, payload: number): number {
  frames[at] = FIN_AND_TEXT;
  if (payload < LENGTH_16_BIT) {
    frames[at + 1] = payload;
    return at + 2;
  }
  if (payload < 0x10000) {
    frames[at + 1] = LENGTH_16_BIT;
    return frames.writeUInt16BE(payload, at + 2);
  }
  frames[at + 1] = LENGTH_64_BIT;
  frames.writeUInt32BE(0, at + 2);
  return frames.writeUInt32BE(payload, at + 6);
}
