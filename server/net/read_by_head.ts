import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/** As `node:http` makes them: the parser takes bytes from the system itself until it is told to let go. */
interface ParsedSocket {
  readonly _handle?: { _consumed?: boolean } | null;
  readonly parser?: { _consumed?: boolean; unconsume?(): void } | null;
}

/**
 * Gives what comes on a connection to the parser of `node:http` up to the end of one head at a time, and nothing more
 * once the connection is cut: by itself it makes requests of all that it has read, up to 1,800 of a read of 64 KiB,
 * also for a connection that the third of them ends. Call it in `connection`; gives the way to end it for an upgrade.
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
      // What follows an upgrade is the first of what the other protocol says.
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

/** Node does this by itself when somebody listens to the data of a socket; Deno 2.9 does not. */
function letGo({ parser, _handle: handle }: ParsedSocket): void {
  if (parser?._consumed !== true) return;
  parser.unconsume?.();
  parser._consumed = false;
  if (handle) handle._consumed = false;
}
