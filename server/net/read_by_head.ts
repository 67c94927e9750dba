import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/** Internals of `node:http`: the parser reads from the system directly until `unconsume` is called. */
interface ParsedSocket {
  readonly _handle?: { _consumed?: boolean } | null;
  readonly parser?: { _consumed?: boolean; unconsume?(): void } | null;
}

/**
 * Passes the data of a connection to the parser of `node:http` one request head at a time, and none once the
 * connection was closed. By itself the parser turns everything it has read into requests, up to 1,800 from 64 KiB,
 * even on a connection that is closed at the third. Call it in the `connection` event; the returned function stops
 * it before an upgrade.
 */
export function readByHead(socket: Socket): () => void {
  const [parse] = socket.listeners("data") as ((chunk: Uint8Array) => void)[];
  if (parse === undefined) throw new TypeError("The connection has no parser yet");
  let isOver = false;
  const read = (chunk: Uint8Array) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let from = 0; from < bytes.length && !socket.destroyed;) {
      const end = bytes.indexOf(HEAD_END, from);
      const to = end < 0 ? bytes.length : end + HEAD_END.length;
      parse.call(socket, bytes.subarray(from, to));
      from = to;
      // Whatever follows an upgrade belongs to the new protocol.
      if (isOver) return void (from < bytes.length && socket.unshift(bytes.subarray(from)));
    }
  };
  letGo(socket as ParsedSocket);
  socket.off("data", parse);
  socket.on("data", read);
  return () => {
    isOver = true;
    socket.off("data", read);
  };
}

/** Node does this by itself when a socket gets a `data` listener; Deno 2.9 does not. */
function letGo({ parser, _handle: handle }: ParsedSocket): void {
  if (parser?._consumed !== true) return;
  parser.unconsume?.();
  parser._consumed = false;
  if (handle) handle._consumed = false;
}
