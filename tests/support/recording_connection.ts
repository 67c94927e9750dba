import { newId } from "../../shared/ids.ts";
import type { ConnectionId } from "../../shared/ids.ts";
import type { Connection, Login } from "../../server/net/connection.ts";

/** Replaces a socket: keeps the unwrapped frames, and lets a test set how much is buffered. */
export class RecordingConnection implements Connection {
  readonly id: ConnectionId = newId();
  readonly login: Login | null = null;
  isOpen = true;
  bufferedBytes = 0;
  /** Number of writes, each of one or more frames. */
  writeCount = 0;
  /** Payloads as JSON, in order. */
  readonly payloads: unknown[] = [];
  readonly texts: string[] = [];
  readonly #closeCallbacks: (() => void)[] = [];
  #drained = Promise.withResolvers<void>();

  writeFrames(frames: Uint8Array): void {
    this.writeCount++;
    for (const text of unframe(frames)) {
      this.texts.push(text);
      this.payloads.push(JSON.parse(text));
    }
  }

  drained(): Promise<void> {
    return this.bufferedBytes === 0 ? Promise.resolve() : this.#drained.promise;
  }

  /** The reader catches up. */
  drain(): void {
    this.bufferedBytes = 0;
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
  }

  /** The other side has closed the connection. */
  end(): void {
    this.isOpen = false;
    for (const callback of this.#closeCallbacks.splice(0)) callback();
  }

  close(): void {}
  terminate(): void {}

  onClose(callback: () => void): void {
    this.#closeCallbacks.push(callback);
  }
}

/** Splits unmasked text frames (RFC 6455 §5.2). */
export function unframe(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== 0x81) throw new Error(`Byte ${at} does not begin a whole text frame`);
    let length = view.getUint8(at + 1);
    at += 2;
    if (length === 126) {
      length = view.getUint16(at);
      at += 2;
    } else if (length === 127) {
      length = Number(view.getBigUint64(at));
      at += 8;
    }
    texts.push(new TextDecoder().decode(bytes.subarray(at, at + length)));
    at += length;
  }
  return texts;
}
